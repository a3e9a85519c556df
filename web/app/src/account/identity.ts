import { session } from './session.svelte'

/** How one enters a meeting: as one's account where one is signed in, which has the name; else under the name given. */
export async function identity(guestName: string): Promise<{ name?: string }> {
  await session.settled()
  return session.me ? {} : { name: guestName }
}
