/** A few routes, as the server describes them. */
export const OPENAPI: Record<string, unknown> = {
  openapi: '3.1.0',
  info: { title: 'Confab', version: '0.1.0', description: 'Meetings, accounts and people.' },
  paths: {},
}
