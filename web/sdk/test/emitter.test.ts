import { expect, test } from 'vitest'
import { Emitter } from '../src/emitter.js'

test('listeners end by what `on` returned and by their signal', () => {
  const emitter = new Emitter<{ news: [number] }>()
  const heard: string[] = []
  const abort = new AbortController()
  const off = emitter.on('news', (n) => heard.push(`a${n}`))
  emitter.on('news', (n) => heard.push(`b${n}`), { signal: abort.signal })
  emitter.emit('news', 1)
  off()
  emitter.emit('news', 2)
  abort.abort()
  emitter.emit('news', 3)
  emitter.on('news', () => heard.push('late'), { signal: abort.signal })
  emitter.emit('news', 4)
  expect(heard).toEqual(['a1', 'b1', 'b2'])
})
