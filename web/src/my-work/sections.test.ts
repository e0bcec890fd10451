import { expect, test } from 'vitest'
import { isToday, sectionOf, untilNextMove } from './sections'

const at = (time: string) => Date.parse(time)
const section = (due: string | null, now: string, zone: string) => sectionOf({ due_at: due }, at(now), zone)

test('days are those of the person', () => {
  const now = '2026-05-10T22:30:00Z'
  // In Berlin it is 00:30 of the 11th, in New York 18:30 of the 10th.
  expect(section('2026-05-11T15:00:00Z', now, 'Europe/Berlin')).toBe('today')
  expect(section('2026-05-11T15:00:00Z', now, 'America/New_York')).toBe('week')
  expect(section('2026-05-11T03:59:00Z', now, 'America/New_York')).toBe('today')
  expect(section('2026-05-10T22:29:59Z', now, 'Europe/Berlin')).toBe('overdue')
  expect(section(null, now, 'Europe/Berlin')).toBe('none')
})

test('the next seven days end with the seventh', () => {
  const now = '2026-05-10T12:00:00Z'
  expect(section('2026-05-17T23:59:00Z', now, 'UTC')).toBe('week')
  expect(section('2026-05-18T00:00:00Z', now, 'UTC')).toBe('later')
  // Kiritimati is fourteen hours ahead: the 11th has begun, so the 18th is the seventh day.
  expect(section('2026-05-18T09:59:00Z', now, 'Pacific/Kiritimati')).toBe('week')
  expect(section('2026-05-18T10:00:00Z', now, 'Pacific/Kiritimati')).toBe('later')
})

test('days of 23 and 25 hours are one day', () => {
  // 29 March 2026 has 23 hours in Berlin, 25 October 25.
  expect(section('2026-03-29T21:59:00Z', '2026-03-28T23:00:00Z', 'Europe/Berlin')).toBe('today')
  expect(section('2026-03-29T22:00:00Z', '2026-03-28T23:00:00Z', 'Europe/Berlin')).toBe('week')
  expect(section('2026-10-25T22:59:00Z', '2026-10-24T22:00:00Z', 'Europe/Berlin')).toBe('today')
  expect(section('2026-10-25T23:00:00Z', '2026-10-24T22:00:00Z', 'Europe/Berlin')).toBe('week')
})

test('sections move at the next deadline, or at midnight', () => {
  const now = at('2026-03-28T22:30:00Z')
  // Half an hour before midnight in Berlin.
  expect(untilNextMove([], now, 'Europe/Berlin')).toBe(30 * 60_000)
  const tasks = [{ due_at: '2026-03-28T22:40:00Z' }, { due_at: '2026-03-20T00:00:00Z' }, { due_at: null }]
  expect(untilNextMove(tasks, now, 'Europe/Berlin')).toBe(10 * 60_000 + 1)
  expect(untilNextMove([], at('2026-03-28T12:00:00Z'), 'Europe/Berlin')).toBe(60 * 60_000)
  // Midnight does not exist in Beirut on 29 March 2026: clocks go from 00:00 to 01:00.
  expect(untilNextMove([], at('2026-03-28T21:45:00Z'), 'Asia/Beirut')).toBe(15 * 60_000)
})

test('today ends at midnight of the person', () => {
  const now = at('2026-05-10T22:30:00Z')
  expect(isToday('2026-05-10T21:00:00Z', now, 'Europe/Berlin')).toBe(false)
  expect(isToday('2026-05-10T21:00:00Z', now, 'America/New_York')).toBe(true)
})
