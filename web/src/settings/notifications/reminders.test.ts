import { expect, test } from 'vitest'
import { durationOf, minutesOf, partsOf } from './reminders'

test('durations are minutes, and minutes are durations', () => {
  const known: [string, number][] = [
    ['P1D', 1440],
    ['PT1H', 60],
    ['PT1H30M', 90],
    ['P2DT5M', 2885],
    ['PT0M', 0],
  ]
  for (const [duration, minutes] of known) expect([minutesOf(duration), durationOf(minutes)]).toEqual([minutes, duration])
  expect(minutesOf('P1W2D')).toBe(9 * 1440)
  for (const wrong of ['', 'P', 'PT', '1D', 'P1H', 'PT1D', 'P1M']) expect(minutesOf(wrong)).toBeUndefined()
})

test('a duration is said in the longest units', () => {
  expect(partsOf(2 * 7 * 1440)).toEqual([['weeks', 2]])
  expect(partsOf(9 * 1440 + 90)).toEqual([['days', 9], ['hours', 1], ['minutes', 30]])
  expect(partsOf(0)).toEqual([['minutes', 0]])
})
