import type { OwnProfile, ProfileChange } from '@confab/sdk/api'
import { expect, it } from 'vitest'
import { ProfileEdit } from './edit'

const ada: OwnProfile = {
  username: 'ada',
  first_name: 'Ada',
  last_name: 'Byron',
  bio: 'Numbers',
  about: null,
  address: null,
  country: 'GB',
  links: [{ title: 'Notes', url: 'https://ada.example' }],
  picture: null,
  cover: null,
  visibility: {
    bio: 'public',
    about: 'public',
    address: 'nobody',
    country: 'public',
    links: 'public',
    picture: 'public',
    cover: 'public',
  },
  findable_by_email: false,
  messages_from: 'requests',
  shows_presence: true,
  created_at: 0,
}

/** A server that keeps what it is sent, and answers when the test lets it. */
function edited() {
  let kept = ada
  const sent: ProfileChange[] = []
  const waiting: ((refusal?: string) => void)[] = []
  const edit = new ProfileEdit(ada, {
    send: (patch) => {
      sent.push(patch)
      return new Promise((resolve, reject) => {
        waiting.push((refusal) => {
          if (refusal) return reject(refusal)
          kept = { ...kept, ...(patch as Partial<OwnProfile>), visibility: { ...kept.visibility, ...patch.visibility } }
          resolve(kept)
        })
      })
    },
    failureOf: (error) => ({ code: String(error), message: '' }),
    changed: () => undefined,
  })
  const answer = async (refusal?: string) => {
    while (!waiting.length) await Promise.resolve()
    waiting.shift()?.(refusal)
  }
  return { edit, sent, answer }
}

it('shows a change before the server has it', async () => {
  const { edit, answer } = edited()
  const saved = edit.save('bio', { bio: 'Engines' })
  expect(edit.state.profile.bio).toBe('Engines')
  expect(edit.state.status.bio).toEqual({ kind: 'saving' })
  await answer()
  await saved
  expect(edit.state.profile.bio).toBe('Engines')
  expect(edit.state.status.bio).toBeUndefined()
})

it('goes back to what it was when refused, and tries again', async () => {
  const { edit, answer } = edited()
  const refused = edit.save('bio', { bio: 'Engines' })
  await answer('busy')
  await refused
  expect(edit.state.profile.bio).toBe('Numbers')
  expect(edit.state.status.bio).toMatchObject({ kind: 'failed', code: 'busy', patch: { bio: 'Engines' } })
  const again = edit.retry('bio')
  expect(edit.state.profile.bio).toBe('Engines')
  await answer()
  await again
  expect(edit.state.profile.bio).toBe('Engines')
  expect(edit.state.status.bio).toBeUndefined()
})

it('offers to put back what was removed', async () => {
  const { edit, sent, answer } = edited()
  const removed = edit.save('links', { links: [] })
  await answer()
  await removed
  expect(edit.state.profile.links).toEqual([])
  const undone = edit.undo('links')
  expect(edit.state.profile.links).toEqual(ada.links)
  await answer()
  await undone
  expect(sent.at(-1)).toEqual({ links: ada.links })
  expect(edit.state.status.links).toBeUndefined()
})

it('sends changes one after the other, and the last one stays', async () => {
  const { edit, sent, answer } = edited()
  const first = edit.save('bio', { bio: 'one' })
  const second = edit.save('bio', { bio: 'two' })
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  expect(sent).toEqual([{ bio: 'one' }])
  await answer()
  await first
  expect(edit.state.profile.bio).toBe('two')
  expect(edit.state.status.bio).toEqual({ kind: 'saving' })
  await answer()
  await second
  expect(sent).toEqual([{ bio: 'one' }, { bio: 'two' }])
  expect(edit.state.profile.bio).toBe('two')
})

it('goes back to what the server has, not to what it was never told', async () => {
  const { edit, answer } = edited()
  const first = edit.save('bio', { bio: 'one' })
  const second = edit.save('bio', { bio: 'two' })
  await answer('busy')
  await answer('busy')
  await Promise.all([first, second])
  expect(edit.state.profile.bio).toBe('Numbers')
})

it('keeps fields apart: one that fails takes no other along', async () => {
  const { edit, answer } = edited()
  const bio = edit.save('bio', { bio: 'Engines' })
  const about = edit.save('about', { about: 'More' })
  const hidden = edit.save('visibility.bio', { visibility: { bio: 'nobody' } })
  const shared = edit.save('visibility.country', { visibility: { country: 'followers' } })
  await answer('busy')
  await answer()
  await answer('busy')
  await answer()
  await Promise.all([bio, about, hidden, shared])
  expect(edit.state.profile).toMatchObject({ bio: 'Numbers', about: 'More' })
  expect(edit.state.profile.visibility).toEqual({ ...ada.visibility, country: 'followers' })
  expect(Object.keys(edit.state.status).sort()).toEqual(['bio', 'visibility.bio'])
})

it('forgets a notice, but not a change on its way', async () => {
  const { edit, answer } = edited()
  const refused = edit.save('bio', { bio: 'Engines' })
  edit.dismiss('bio')
  expect(edit.state.status.bio).toEqual({ kind: 'saving' })
  await answer('busy')
  await refused
  edit.dismiss('bio')
  expect(edit.state.status).toEqual({})
})

it('takes on a picture without losing what is being saved', async () => {
  const { edit, answer } = edited()
  const picture = { url: '/media/a', small_url: '/media/b', width: 512, height: 512 }
  const saved = edit.save('bio', { bio: 'Engines' })
  edit.adopt({ picture })
  expect(edit.state.profile).toMatchObject({ bio: 'Engines', picture })
  await answer('busy')
  await saved
  expect(edit.state.profile).toMatchObject({ bio: 'Numbers', picture })
})
