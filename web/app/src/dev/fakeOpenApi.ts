const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const body = (name: string) => ({ content: { 'application/json': { schema: ref(name) } } })
const error = { description: 'Refused; `error.code` says why.' }

/** A few routes, as the server describes them. */
export const OPENAPI: Record<string, unknown> = {
  openapi: '3.1.0',
  info: { title: 'Confab', version: '0.1.0', description: 'Meetings, accounts and people.' },
  tags: [{ name: 'accounts' }, { name: 'profile' }, { name: 'people' }],
  paths: {
    '/api/v1/auth/register': {
      post: { tags: ['accounts'], summary: 'Makes an account', description: 'The answer is the same whether or not the e-mail address is known.\nThe address has to be confirmed by a mail.', requestBody: body('Registration'), responses: { 202: { description: 'A mail is on its way.' }, 409: { description: 'The username is taken.' }, 422: error } },
    },
    '/api/v1/auth/login': {
      post: { tags: ['accounts'], summary: 'Signs in', requestBody: body('Credentials'), responses: { 200: { description: 'Whoever is signed in, and a cookie.' }, 401: error, 403: error } },
    },
    '/api/v1/me/picture': {
      put: { tags: ['profile'], summary: 'Sets one’s picture', parameters: [{ name: 'x', in: 'query', schema: { type: ['integer', 'null'] }, description: 'Left edge of the crop, in pixels' }], requestBody: { content: { 'image/*': {} } }, responses: { 200: { description: 'The picture.' }, 413: error } },
      delete: { tags: ['profile'], summary: 'Removes one’s picture', responses: { 204: { description: 'It is gone.' } } },
    },
    '/api/v1/people': {
      get: { tags: ['people'], summary: 'The directory, newest first', parameters: [{ name: 'after', in: 'query', schema: { type: 'string' }, description: 'The `next` of the page before' }, { name: 'limit', in: 'query', schema: { type: 'integer' } }], responses: { 200: { description: 'A page of people.' } } },
    },
    '/api/v1/people/{username}': {
      get: { tags: ['people'], summary: 'A profile, as this viewer may see it', parameters: [{ name: 'username', in: 'path', required: true, schema: { type: 'string' } }], responses: { 200: { description: 'The profile.' }, 404: error } },
    },
  },
  components: {
    schemas: {
      Registration: { type: 'object', properties: { email: { type: 'string', format: 'email' }, first_name: { type: 'string' }, last_name: { type: 'string' }, username: { type: 'string' }, password: { type: 'string', format: 'password' } } },
      Credentials: { type: 'object', properties: { identifier: { type: 'string' }, password: { type: 'string', format: 'password' } } },
    },
  },
} // prettier-ignore
