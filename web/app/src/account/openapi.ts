import type { ApiDocument } from '@confab/sdk/api'

// What the explorer shows of an OpenAPI 3.1 document. A document is data from elsewhere: whatever is not as it should be
// is left out.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export interface Parameter {
  name: string
  in: 'path' | 'query'
  required: boolean
  description: string
  /** `string`, `integer` .. */
  type: string
}

export interface Operation {
  id: string
  method: string
  path: string
  tag: string
  summary: string
  description: string
  parameters: Parameter[]
  /** What it sends, if anything: JSON with an example, or bytes. */
  body: { kind: 'json'; example: string } | { kind: 'bytes' } | null
  answers: { status: string; description: string }[]
}

export interface Tag {
  name: string
  operations: Operation[]
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const
/** A type may contain itself; what is deeper is left out of examples. */
const MAX_DEPTH = 8
const DEFAULT_TAG = 'api'

type Node = Record<string, unknown>

/** All operations by their tags, both in the document's order. */
export function readDocument(document: ApiDocument): Tag[] {
  const tags = new Map<string, Operation[]>()
  const { tags: named, paths } = node(document)
  for (const name of list(named).map((tag) => text(node(tag).name))) if (name) tags.set(name, [])
  for (const [path, item] of Object.entries(node(paths))) {
    for (const method of METHODS) {
      const found = node(item)[method]
      if (!found) continue
      const operation = readOperation(document, method, path, node(item), node(found))
      tags.set(operation.tag, [...(tags.get(operation.tag) ?? []), operation])
    }
  }
  return [...tags].map(([name, operations]) => ({ name, operations })).filter(({ operations }) => operations.length > 0)
}

/** Those that have all words of the query in their method, path or texts. */
export function filterTags(tags: readonly Tag[], query: string): Tag[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const matches = ({ method, path, tag, summary, description }: Operation): boolean => {
    const all = [method, path, tag, summary, description].join(' ').toLowerCase()
    return words.every((word) => all.includes(word))
  }
  return tags
    .map(({ name, operations }) => ({ name, operations: operations.filter(matches) }))
    .filter(({ operations }) => operations.length > 0)
}

/** The address of a call, or the name of the first parameter that is missing. */
export function requestPath(
  { path, parameters }: Pick<Operation, 'path' | 'parameters'>,
  values: Readonly<Record<string, string>>,
): { path: string } | { missing: string } {
  const missing = parameters.find(({ name, required }) => required && !values[name])
  if (missing) return { missing: missing.name }
  const query = new URLSearchParams()
  let filled = path
  for (const { name, in: place } of parameters) {
    const value = values[name]
    if (!value) continue
    if (place === 'query') query.append(name, value)
    else filled = filled.replaceAll(`{${name}}`, encodeURIComponent(value))
  }
  return { path: query.size > 0 ? `${filled}?${query}` : filled }
}

function readOperation(document: ApiDocument, method: string, path: string, item: Node, found: Node): Operation {
  const parameters = [...list(item.parameters), ...list(found.parameters)].map((each) => resolve(document, each))
  return {
    id: `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    tag: text(list(found.tags)[0]) || DEFAULT_TAG,
    summary: text(found.summary),
    description: text(found.description),
    parameters: parameters.flatMap((parameter) => readParameter(document, parameter)),
    body: readBody(document, resolve(document, found.requestBody)),
    answers: Object.entries(node(found.responses)).map(([status, answer]) => ({
      status,
      description: text(resolve(document, answer).description),
    })),
  }
}

function readParameter(document: ApiDocument, parameter: Node): Parameter[] {
  const place = parameter.in
  if (place !== 'path' && place !== 'query') return [] // the browser sends headers and cookies
  const { type } = resolve(document, parameter.schema)
  return [
    {
      name: text(parameter.name),
      in: place,
      required: place === 'path' || parameter.required === true,
      description: text(parameter.description),
      type: typesOf(type).find((each) => each !== 'null') ?? 'string',
    },
  ]
}

function readBody(document: ApiDocument, body: Node): Operation['body'] {
  const content = node(body.content)
  const json = content['application/json']
  if (!json) return Object.keys(content).length > 0 ? { kind: 'bytes' } : null
  const given = node(json).example
  const example = given === undefined ? exampleOf(document, node(json).schema) : (given as Json)
  return { kind: 'json', example: JSON.stringify(example, null, 2) }
}

/** Something that the schema allows, as plain as can be. */
export function exampleOf(document: ApiDocument, schema: unknown, depth = 0): Json {
  const found = resolve(document, schema)
  for (const given of [found.example, list(found.examples)[0], found.default, found.const, list(found.enum)[0]])
    if (given !== undefined) return given as Json
  if (depth >= MAX_DEPTH) return null
  const choices = [...list(found.oneOf), ...list(found.anyOf)].map((choice) => resolve(document, choice))
  const chosen = choices.find((choice) => choice.type !== 'null')
  if (chosen) return exampleOf(document, chosen, depth + 1)
  const parts = list(found.allOf).map((part) => exampleOf(document, part, depth + 1))
  if (parts.length > 0) return Object.assign({}, ...parts.filter((part) => typeof part === 'object')) as Json
  return plainExample(document, found, depth)
}

function plainExample(document: ApiDocument, schema: Node, depth: number): Json {
  const types = typesOf(schema.type)
  if (schema.properties || types.includes('object')) {
    const properties = Object.entries(node(schema.properties))
    return Object.fromEntries(properties.map(([name, property]) => [name, exampleOf(document, property, depth + 1)]))
  }
  if (types.includes('array')) return schema.items ? [exampleOf(document, schema.items, depth + 1)] : []
  if (types.includes('integer') || types.includes('number')) return Number(schema.minimum ?? 0)
  if (types.includes('boolean')) return false
  return types.includes('string') ? (STRINGS[text(schema.format)] ?? 'string') : null
}

const STRINGS: Readonly<Record<string, string>> = {
  email: 'ann@example.org',
  uri: 'https://example.org/',
  uuid: '00000000-0000-0000-0000-000000000000',
  password: 'correct horse battery staple',
}

/** Follows a `$ref` inside the document, and one that it leads to, but no circle. */
function resolve(document: ApiDocument, value: unknown): Node {
  let found = node(value)
  for (let steps = 0; typeof found.$ref === 'string' && steps < MAX_DEPTH; steps++) {
    const path = found.$ref.startsWith('#/') ? found.$ref.slice(2).split('/') : []
    const key = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')
    found = path.length > 0 ? path.reduce<Node>((at, part) => node(at[key(part)]), document) : {}
  }
  return found
}

const typesOf = (type: unknown): string[] => (Array.isArray(type) ? type.map(text) : [text(type)])
const node = (value: unknown): Node => (typeof value === 'object' && value !== null ? (value as Node) : {})
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
