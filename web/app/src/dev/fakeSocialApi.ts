import type { ApiOptions, Credentials, Registration, SocialApi as Real } from '../../../sdk/src/api'
import { ApiError, type ApiErrorCode } from '../../../sdk/src/api-error'
import type * as Types from '../../../sdk/src/social-types'
import { demo } from './demo'
import { FakeAttachments } from './fakeAttachments'
import { FakeChats } from './fakeChats'
import { FakeLetters } from './fakeLetters'
import { FakeRooms } from './fakeRooms'
import { FakeNetwork, FakeSearch } from './fakeNetwork'
import { FakeNotifications, fakeEvents } from './fakeNotifications'
import { FakePosts } from './fakePosts'
import { FakeRings } from './fakeRings'
import { FakePeople, me } from './fakeSocialPeople'
import { OPENAPI } from './fakeOpenApi'

// The hint with which somebody who is signed in comes back.
if (demo.me) {
  const hint = { ...me, picture: me.picture?.small_url ?? null }
  localStorage.setItem('confab.session', JSON.stringify(hint))
} else localStorage.removeItem('confab.session')

const DAY = 86_400_000

/** Of the page, like the real one's cookie: every client of it is signed in. */
let signedIn = demo.me

/** The demo's accounts: answers like the server, from the address. What people and settings need is in `FakePeople`. */
export class SocialApi extends FakePeople implements Pick<Real, keyof Real> {
  readonly attachments = new FakeAttachments() as unknown as Real['attachments']
  readonly conversations = new FakeChats() as unknown as Real['conversations']
  readonly chatRooms = new FakeRooms() as unknown as Real['chatRooms']
  readonly letters = new FakeLetters() as unknown as Real['letters']
  readonly network = new FakeNetwork() as unknown as Real['network']
  readonly search = new FakeSearch() as unknown as Real['search']
  readonly notifications = new FakeNotifications() as unknown as Real['notifications']
  readonly posts = new FakePosts() as unknown as Real['posts']
  readonly rings = new FakeRings() as unknown as Real['rings']

  constructor(_options: ApiOptions = {}) {
    super()
  }

  async server(): Promise<Types.ServerInfo> {
    return { registration: demo.registration, development: demo.development, deletion_grace_days: 14 }
  }

  async register({ username }: Registration): Promise<void> {
    await this.answer()
    if (username === 'ann') throw new ApiError('username_taken', 'taken', { status: 409, field: 'username' })
  }

  async resend(_email: string): Promise<void> {
    await this.answer()
  }

  async verify(_token: string): Promise<{ username: string }> {
    await this.answer()
    if (demo.verify === 'failed') throw new ApiError('invalid_token', 'used', { status: 400 })
    return { username: me.username }
  }

  async login({ password }: Credentials): Promise<Types.Me> {
    await this.answer()
    const deletionAt = Date.now() + 11 * DAY
    if (demo.login) throw new ApiError(demo.login as ApiErrorCode, 'refused', { status: 403, deletionAt })
    if (password === 'wrong') throw new ApiError('wrong_credentials', 'wrong', { status: 401 })
    signedIn = true
    return me
  }

  async logout(): Promise<void> {
    signedIn = false
  }

  async forgot(_email: string): Promise<void> {
    await this.answer()
  }

  async reset(_token: string, _password: string): Promise<void> {
    await this.answer()
    if (demo.verify === 'failed') throw new ApiError('invalid_token', 'used', { status: 400 })
  }

  async restore(_credentials: Credentials): Promise<Types.Me> {
    await this.answer()
    signedIn = true
    return me
  }

  async me(): Promise<Types.Me> {
    if (!signedIn) throw new ApiError('not_signed_in', 'nobody', { status: 401 })
    return me
  }

  async outbox(): Promise<Types.OutboxMail[]> {
    await this.answer()
    const origin = location.origin
    return [
      {
        id: 'm2', at: Date.now() - 40_000, to: 'sam@example.org', subject: 'Confirm your e-mail address',
        text: `Hello Sam,\n\nplease confirm that this is your e-mail address:\n\n${origin}/verify#3q2-7wAAZ4kz0v9eQ0yY1Q\n\nThe link works for 24 hours. If you did not sign up, do nothing.\n`,
      },
      {
        id: 'm1', at: Date.now() - 3 * 3600_000, to: 'ann.petrova@example.org', subject: 'A new password for Confab',
        text: `Hello Ann,\n\nsomebody, hopefully you, wants a new password:\n\n${origin}/reset#Zm9vYmFyYmF6cXV4MTIzNA\n\nThe link works for 30 minutes.\n`,
      },
    ] // prettier-ignore
  }

  async document(): Promise<Record<string, unknown>> {
    await this.answer()
    return OPENAPI
  }

  events(): ReturnType<Real['events']> {
    return fakeEvents() as never
  }
}
