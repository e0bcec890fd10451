import { expect, test } from 'vitest'
import { asTyped, chosenInstant, snoozeChoices } from './snooze'

const until = (now: string, zone: string) => Object.fromEntries(snoozeChoices(now, zone).map((choice) => [choice.id, choice.until]))

test('choices are times of the person’s day', () => {
  // Wednesday, 10:20 in Berlin.
  expect(until('2026-01-14T09:20:00Z', 'Europe/Berlin')).toEqual({
    later: '2026-01-14T13:00:00.000Z',
    tomorrow: '2026-01-15T07:00:00.000Z',
    week: '2026-01-19T07:00:00.000Z',
  })
  // The same instant is 22:20 in Auckland: nothing is left of the day.
  expect(until('2026-01-14T09:20:00Z', 'Pacific/Auckland')).toEqual({
    tomorrow: '2026-01-14T19:00:00.000Z',
    week: '2026-01-18T19:00:00.000Z',
  })
})

test('next week is never today', () => {
  // Monday and Sunday.
  expect(until('2026-01-12T09:00:00Z', 'UTC').week).toBe('2026-01-19T08:00:00.000Z')
  expect(until('2026-01-18T09:00:00Z', 'UTC').week).toBe('2026-01-19T08:00:00.000Z')
})

test('morning stays eight o’clock when clocks change', () => {
  // Saturday before the change to summer time in Berlin, and before the change back.
  expect(until('2026-03-28T12:00:00Z', 'Europe/Berlin').tomorrow).toBe('2026-03-29T06:00:00.000Z')
  expect(until('2026-10-24T12:00:00Z', 'Europe/Berlin').tomorrow).toBe('2026-10-25T07:00:00.000Z')
})

test('a typed time is in the person’s zone', () => {
  expect(chosenInstant('2026-07-01T09:30', 'Asia/Kathmandu')).toBe('2026-07-01T03:45:00.000Z')
  // Does not exist on that day: an hour later, as clocks show it.
  expect(chosenInstant('2026-03-29T02:30', 'Europe/Berlin')).toBe('2026-03-29T01:30:00.000Z')
  expect(chosenInstant('', 'Europe/Berlin')).toBeUndefined()
  expect(asTyped('2026-07-01T03:45:00.000Z', 'Asia/Kathmandu')).toBe('2026-07-01T09:30')
})
