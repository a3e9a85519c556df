import { expect, it } from 'vitest'
import { exampleOf, filterTags, readDocument, requestPath } from './openapi'

const DOCUMENT = {
  openapi: '3.1.0',
  tags: [{ name: 'people' }, { name: 'unused' }],
  paths: {
    '/a/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: {
        tags: ['people'],
        summary: 'Reads',
        parameters: [
          { $ref: '#/components/parameters/After' },
          { name: 'x-confab', in: 'header', required: true, schema: { type: 'string' } },
        ],
        responses: { 200: { description: 'Here.' }, 404: { $ref: '#/components/responses/Missing' } },
      },
      put: { requestBody: { content: { 'image/*': {} } } },
      post: {
        tags: ['people'],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Person' } } } },
      },
    },
  },
  components: {
    parameters: { After: { name: 'after', in: 'query', schema: { type: ['integer', 'null'] }, description: 'From' } },
    responses: { Missing: { description: 'Not here.' } },
    schemas: {
      Person: {
        type: 'object',
        properties: {
          email: { type: 'string', format: 'email' },
          age: { type: 'integer', minimum: 18 },
          role: { enum: ['host', 'guest'] },
          bio: { anyOf: [{ type: 'null' }, { type: 'string' }] },
          friends: { type: 'array', items: { $ref: '#/components/schemas/Person' } },
        },
      },
      Circle: { $ref: '#/components/schemas/Circle' },
    },
  },
}

it('lists operations by tag, with what the caller has to give', () => {
  const tags = readDocument(DOCUMENT)
  expect(tags.map(({ name, operations }) => [name, operations.map(({ id }) => id)])).toEqual([
    ['people', ['get /a/{id}', 'post /a/{id}']],
    ['api', ['put /a/{id}']],
  ])
  expect(tags[0]!.operations[0]).toMatchObject({
    method: 'GET',
    summary: 'Reads',
    body: null,
    parameters: [
      { name: 'id', in: 'path', required: true, type: 'string' },
      { name: 'after', in: 'query', required: false, type: 'integer', description: 'From' },
    ],
    answers: [
      { status: '200', description: 'Here.' },
      { status: '404', description: 'Not here.' },
    ],
  })
  expect(tags[1]!.operations[0]!.body).toEqual({ kind: 'bytes' })
})

it('makes an example up, and comes to an end with types that contain themselves', () => {
  const example = exampleOf(DOCUMENT, { $ref: '#/components/schemas/Person' })
  expect(example).toMatchObject({
    email: 'ann@example.org',
    age: 18,
    role: 'host',
    bio: 'string',
    friends: [{ age: 18 }],
  })
  expect(exampleOf(DOCUMENT, { $ref: '#/components/schemas/Circle' })).toBeNull()
  expect(exampleOf(DOCUMENT, { allOf: [{ properties: { a: { type: 'boolean' } } }, { example: { b: 1 } }] })).toEqual({ a: false, b: 1 }) // prettier-ignore
  expect(exampleOf(DOCUMENT, { $ref: 'https://elsewhere.example/x' })).toBeNull()
})

it.each([null, 1, [], {}, { paths: null }, { paths: { '/': null } }, { paths: { '/a': { get: 1 } }, tags: 'x' }])(
  'survives %j for a document',
  (document) => expect(() => readDocument(document as never)).not.toThrow(),
)

it('fills the path in', () => {
  const [operation] = readDocument(DOCUMENT)[0]!.operations
  expect(requestPath(operation!, { id: 'a/b?c', after: '7' })).toEqual({ path: '/a/a%2Fb%3Fc?after=7' })
  expect(requestPath(operation!, { id: 'x' })).toEqual({ path: '/a/x' })
  expect(requestPath(operation!, { after: '7' })).toEqual({ missing: 'id' })
})

it('finds by all words', () => {
  const tags = readDocument(DOCUMENT)
  expect(filterTags(tags, 'GET reads')).toMatchObject([{ name: 'people', operations: [{ id: 'get /a/{id}' }] }])
  expect(filterTags(tags, ' ')).toEqual(tags)
  expect(filterTags(tags, 'get nothing')).toEqual([])
})
