// All pages of the app over the people of `confab demo`: where each is, and how one knows that it is there.
import type { Page } from 'playwright-core'
import {
  PEOPLE_LISTS,
  type Route,
  SEARCH_TABS,
  SETTINGS_SECTIONS,
  type SettingsSection,
} from '../../src/routes/match.ts'

export interface Stop {
  readonly path: string
  /** What it shows once it is there, in every language. */
  readonly shows: string
  /** Somewhere on the page that only a click leads to. */
  readonly then?: (page: Page) => Promise<unknown>
}

/** What the pages are about, besides people. */
export interface Places {
  readonly post: string
  readonly room: string
  /** One that the demo's person has received. */
  readonly letter: string
}

interface Stops {
  /** For whom is signed out, and for whom is signed in. */
  readonly guest?: readonly Stop[]
  readonly demo?: readonly Stop[]
}

const NOBODY = '00000000-0000-7000-8000-000000000000'
const form = 'main form [data-testid=submit]'
const post = 'main [data-testid=post]'
const letter = 'main [data-testid=letter]'
const person = 'main [data-testid=person]'
const sections: Readonly<Record<SettingsSection, string>> = {
  account: '[data-testid=change-password]',
  sessions: '[data-testid=session]',
  history: 'li time',
  privacy: 'select',
  blocks: 'h2',
  notifications: '[data-testid=notify-follow]',
  data: '[data-testid=export]',
}

const click = (testId: string) => (page: Page) => page.getByTestId(testId).first().click()

async function openBell(page: Page): Promise<void> {
  await click('bell')(page)
  await page.locator('[popover] [data-testid=notification]').first().waitFor()
}

async function openAbout(page: Page): Promise<void> {
  await page.getByRole('tab').nth(1).click()
  await page.locator('main aside').waitFor()
}

async function openMenuOfAnother(page: Page): Promise<void> {
  await click('profile-menu')(page)
  await page.getByTestId('block').filter({ visible: true }).click()
  await page.getByRole('dialog').waitFor()
}

async function openNewGroup(page: Page): Promise<void> {
  await click('begin')(page)
  await page.getByTestId('new-group').filter({ visible: true }).click()
  await page.getByRole('dialog').getByTestId('pick-person').first().waitFor()
}

async function openNewRoom(page: Page): Promise<void> {
  await click('begin')(page)
  await page.getByTestId('new-room').filter({ visible: true }).click()
  await page.getByRole('dialog').getByTestId('pick-person').first().waitFor()
}

async function openLikes(page: Page): Promise<void> {
  await click('likes')(page)
  await page.getByRole('dialog').getByRole('link').first().waitFor()
}

/** Where each page of the route table is: one without an entry is a type error here. */
export function stopsOf({ post: postId, room, letter: letterId }: Places): { readonly [Name in Route['page']]: Stops } {
  const profile: Stop = { path: '/@yusuf', shows: post }
  return {
    start: {
      guest: [{ path: '/', shows: '[data-testid=create-room]' }],
      demo: [{ path: '/', shows: '[data-testid=create-room]' }],
    },
    room: {
      guest: [{ path: `/r/${room}?e2e&width=320&height=180&fps=15`, shows: '[data-testid=lobby-name]' }],
      demo: [{ path: `/r/${room}?e2e&width=320&height=180&fps=15`, shows: '[data-testid=lobby-join]' }],
    },
    sign_in: { guest: [{ path: '/sign-in?next=%2Ffeed', shows: form }] },
    register: { guest: [{ path: '/register', shows: form }] },
    check_mail: { guest: [{ path: '/check-mail', shows: form }] },
    verify: { guest: [{ path: '/verify#spent', shows: '[data-testid=verify-again]' }] },
    forgot: { guest: [{ path: '/forgot', shows: form }] },
    reset: { guest: [{ path: '/reset#spent', shows: form }] },
    restore: { guest: [{ path: '/restore', shows: form }] },
    feed: {
      demo: [
        { path: '/feed', shows: post },
        { path: '/feed/discover', shows: post, then: openLikes },
      ],
    },
    post: {
      guest: [
        { path: `/p/${postId}`, shows: 'main [data-testid=comment]' },
        { path: `/p/${NOBODY}`, shows: 'main h1' },
      ],
      demo: [{ path: `/p/${postId}`, shows: 'main [data-testid=comment]' }],
    },
    people: { demo: [{ path: '/people', shows: person }] },
    requests: { demo: [{ path: '/people/requests', shows: '[data-testid=accept]' }] },
    profile: {
      guest: [profile, { path: '/@nobody-at-all', shows: 'main h1' }],
      demo: [
        { path: '/@demo', shows: post },
        { path: '/@demo', shows: post, then: openAbout },
        profile,
        { ...profile, then: openMenuOfAnother },
        { ...profile, then: openAbout },
      ],
    },
    people_list: { demo: PEOPLE_LISTS.map((list) => ({ path: `/@demo/${list}`, shows: person })) },
    search: {
      demo: [
        { path: '/search', shows: 'main h1' },
        ...SEARCH_TABS.map((tab) => ({
          path: `/search?q=ma&tab=${tab}`,
          shows: { people: person, posts: '[data-testid=post-hit]', rooms: 'main [aria-current=page]' }[tab],
        })),
      ],
    },
    messages: {
      demo: [
        { path: '/messages', shows: '[data-testid=begin]' },
        { path: '/messages', shows: '[data-testid=begin]', then: openNewGroup },
        { path: '/messages/requests', shows: '[data-testid=begin]' },
        { path: '/messages/new?to=yusuf', shows: '[data-testid=message-text]' },
        { path: `/messages/${NOBODY}`, shows: '[data-testid=chat-gone]' },
        { path: '/rooms', shows: '[data-testid=begin]', then: openNewRoom },
        { path: `/rooms/${NOBODY}`, shows: '[data-testid=chat-gone]' },
      ],
    },
    notifications: {
      demo: [
        { path: '/notifications', shows: 'main [data-testid=notification]' },
        { path: '/people', shows: '[data-testid=bell]', then: openBell },
      ],
    },
    mail: {
      demo: [
        { path: '/mail', shows: letter },
        { path: '/mail/sent', shows: letter },
        { path: '/mail/new', shows: 'main [data-testid=letter-form]' },
        { path: '/mail/new?to=yusuf', shows: 'main [data-testid=letter-form]' },
        { path: `/mail/${letterId}`, shows: 'main [data-testid=earlier]', then: click('reply') },
        { path: `/mail/${NOBODY}`, shows: 'main h1' },
      ],
    },
    settings: {
      demo: [
        { path: '/settings', shows: `main section ${sections.account}` },
        ...SETTINGS_SECTIONS.map((section) => ({
          path: `/settings/${section}`,
          shows: `main section ${sections[section]}`,
        })),
      ],
    },
    outbox: { guest: [{ path: '/outbox', shows: '[data-testid=outbox-refresh]' }] },
    api_docs: { guest: [{ path: '/api-docs', shows: '[data-testid=api-operation]' }] },
    not_found: {
      guest: [{ path: '/nowhere', shows: 'main h1' }],
      demo: [{ path: '/nowhere', shows: 'main h1' }],
    },
  }
}
