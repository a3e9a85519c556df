import { expect, it } from 'vitest'
import { clockText, CountdownTimer, secondsLeft } from './countdown'

it.each([
  [10_000, 10],
  [9001, 10],
  [9000, 9],
  [1, 1],
  [0, 0],
  [-5000, 0],
])('%i ms are %i whole seconds', (ms, seconds) => expect(secondsLeft(1000 + ms, 1000)).toBe(seconds))

it.each([
  [0, '0:00'],
  [9, '0:09'],
  [60, '1:00'],
  [754, '12:34'],
])('%i seconds read %s', (seconds, text) => expect(clockText(seconds)).toBe(text))

function timer() {
  const world = { now: 0, ticks: [] as (() => void)[], told: [] as number[] }
  const countdown = new CountdownTimer({
    now: () => world.now,
    everySecond: (tick) => {
      world.ticks.push(tick)
      return () => (world.ticks = world.ticks.filter((other) => other !== tick))
    },
    changed: (seconds) => world.told.push(seconds),
  })
  const pass = (ms: number) => {
    world.now += ms
    for (const tick of world.ticks) tick()
  }
  return { world, countdown, pass }
}

it('counts down to nothing and stops', () => {
  const { world, countdown, pass } = timer()
  countdown.runUntil(3000)
  for (let second = 0; second < 5; second++) pass(1000)
  expect(world.told).toEqual([3, 2, 1, 0])
  expect(world.ticks).toEqual([])
})

it('goes by the clock when a tab in the background gets few ticks', () => {
  const { world, countdown, pass } = timer()
  countdown.runUntil(60_000)
  pass(59_500)
  expect(world.told).toEqual([60, 1])
})

it('runs one clock, however often it is set, and none for what is over', () => {
  const { world, countdown } = timer()
  countdown.runUntil(5000)
  countdown.runUntil(9000)
  expect(world.ticks).toHaveLength(1)
  countdown.runUntil(0)
  expect([world.ticks.length, world.told.at(-1)]).toEqual([0, 0])
})
