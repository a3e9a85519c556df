import type { Liked } from '@confab/sdk/api'
import { expect, it } from 'vitest'
import { Likes } from './likes'

/** A server whose answers the test gives, one at a time. */
function served() {
  const shown: Liked[] = []
  const sent: boolean[] = []
  const failures: (() => void)[] = []
  const waiting: { resolve: (liked: Liked) => void; reject: (error: unknown) => void }[] = []
  const likes = new Likes({
    send: (_, liked) => {
      sent.push(liked)
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
    show: (_, liked) => shown.push(liked),
    failed: (_, retry) => failures.push(retry),
  })
  const settled = () => new Promise((resolve) => setTimeout(resolve))
  const answer = (liked: boolean, likes: number) => {
    waiting.shift()?.resolve({ liked, likes })
    return settled()
  }
  const fail = () => {
    waiting.shift()?.reject(new Error('offline'))
    return settled()
  }
  return { likes, shown, sent, failures, answer, fail }
}

it('shows a like before the server knows of it, and then what the server says', async () => {
  const { likes, shown, sent, answer } = served()
  likes.toggle('p', { liked: false, likes: 4 })
  expect([shown, sent]).toEqual([[{ liked: true, likes: 5 }], [true]])
  expect(likes.isPending('p')).toBe(true)
  await answer(true, 7)
  expect(shown.at(-1)).toEqual({ liked: true, likes: 7 })
  expect(likes.isPending('p')).toBe(false)
})

it('sends the last of many clicks, and no two at a time', async () => {
  const { likes, shown, sent, answer } = served()
  likes.toggle('p', { liked: false, likes: 0 })
  likes.toggle('p', shown.at(-1)!)
  likes.toggle('p', shown.at(-1)!)
  likes.toggle('p', shown.at(-1)!)
  expect([sent, shown.at(-1)]).toEqual([[true], { liked: false, likes: 0 }])
  await answer(true, 1)
  expect(sent).toEqual([true, false])
  await answer(false, 0)
  expect([sent.length, shown.at(-1)]).toEqual([2, { liked: false, likes: 0 }])
})

it('takes back what failed, and does it once more when asked to', async () => {
  const { likes, shown, sent, failures, fail, answer } = served()
  likes.toggle('p', { liked: true, likes: 3 })
  expect(shown.at(-1)).toEqual({ liked: false, likes: 2 })
  await fail()
  expect([shown.at(-1), failures.length]).toEqual([{ liked: true, likes: 3 }, 1])
  failures[0]!()
  expect([shown.at(-1), sent]).toEqual([{ liked: false, likes: 2 }, [false, false]])
  await answer(false, 2)
  expect(failures.length).toBe(1)
})

it('complains of no failure that leaves what one wants', async () => {
  const { likes, shown, failures, fail } = served()
  likes.toggle('p', { liked: false, likes: 0 })
  likes.toggle('p', shown.at(-1)!)
  await fail()
  expect([shown.at(-1), failures]).toEqual([{ liked: false, likes: 0 }, []])
})
