// People with accounts: one who calls the server's API, and what one does on the pages where one signs in.
import type { Page } from 'playwright-core'
import type { Server } from './server.ts'
import { until } from './wait.ts'

/** Who somebody is on a server. */
export interface Account {
  readonly username: string
  readonly first_name: string
  readonly last_name: string
  readonly email: string
  password: string
}

/** Somebody whose name is not taken yet. */
export function newAccount(first_name: string, last_name: string): Account {
  const username = `${first_name}.${last_name}`.toLowerCase()
  return { first_name, last_name, username, email: `${username}@example.org`, password: 'correct horse battery' }
}

/** Calls the API as a program of somebody who is signed in. */
export class ApiClient {
  readonly account: Account
  private readonly server: Server
  private cookie = ''

  private constructor(server: Server, account: Account) {
    this.server = server
    this.account = account
  }

  /** Registers, opens the link that is mailed, and signs in. */
  static async register(server: Server, account: Account): Promise<ApiClient> {
    const client = new ApiClient(server, account)
    await client.call('POST', '/api/v1/auth/register', account)
    const mail = await until(`a mail for ${account.username}`, async () => {
      const { items } = await client.call<{ items: { to: string; text: string }[] }>('GET', '/api/v1/outbox')
      return items.find(({ to }) => to === account.email)
    })
    const [, token] = /\/verify#([\w-]+)/.exec(mail.text)!
    await client.call('POST', '/api/v1/auth/verify', { token })
    await client.call('POST', '/api/v1/auth/login', { identifier: account.username, password: account.password })
    return client
  }

  /** The answer, which must be a success. */
  async call<R = unknown>(method: string, path: string, body?: object): Promise<R> {
    const answer = await this.send(method, path, body)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return (text ? JSON.parse(text) : null) as R
  }

  /** `body` is an image, or becomes JSON. */
  private async send(method: string, path: string, body?: object): Promise<Response> {
    const bytes = body instanceof Uint8Array
    const headers: Record<string, string> = { 'x-confab': '1', origin: this.server.url, cookie: this.cookie }
    if (body && !bytes) headers['content-type'] = 'application/json'
    const sent = body && (bytes ? new Uint8Array(body) : JSON.stringify(body))
    const answer = await fetch(this.server.url + path, { method, headers, ...(sent && { body: sent }) })
    const [cookie] = answer.headers.getSetCookie()
    if (cookie) this.cookie = cookie.split(';')[0]!
    return answer
  }
}

/** Signs in on the page that asks for it, with the keyboard. */
export async function signIn(page: Page, { username, password }: Account): Promise<void> {
  await page.getByLabel('E-mail address or username').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
}

/** What the menu of somebody who is signed in is called. */
export const menuOf = ({ first_name, last_name }: Account): string => `Account of ${first_name} ${last_name}`

/** Waits until the page's header has that menu. */
export const isSignedIn = (page: Page, account: Account): Promise<void> =>
  page.getByRole('button', { name: menuOf(account) }).waitFor()

/** Waits until the page's path is this one: it is the app that goes there. */
export const arrives = (page: Page, path: string): Promise<void> =>
  page.waitForURL((url) => url.pathname + url.search === path)

/** Opens the link in the newest mail to somebody, as the page that tells of the mail leads to it. */
export async function openMailedLink(page: Page, { email }: Account, path: string): Promise<void> {
  await page.getByRole('link', { name: 'Open the outbox' }).click()
  const link = page
    .getByTestId('outbox-mail')
    .filter({ hasText: `To ${email}` })
    .getByRole('link')
    .filter({ hasText: path })
    .first()
  // Mails leave a moment after the page has told of them.
  await until(`the mail with ${path}`, async () => {
    if (await link.isVisible()) return true
    await page.getByRole('button', { name: 'Refresh' }).click()
    return false
  })
  await link.click()
}

/** Ends the one other session of a browser in the settings; when the button was clicked, by the page's clock. */
export async function endOtherSession(page: Page, server: Server): Promise<number> {
  await page.goto(`${server.url}/settings/sessions`)
  await page.evaluate(() => {
    const note = (): void => void Object.assign(window, { clickedAt: Date.now() })
    document.addEventListener('click', note, { capture: true, once: true })
  })
  await page.getByRole('button', { name: 'End the session: Chrome on Linux' }).click()
  return page.evaluate(() => (window as unknown as { clickedAt: number }).clickedAt)
}
