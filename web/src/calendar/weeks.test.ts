import { CalendarDate } from '@internationalized/date'
import { describe, expect, it } from 'vitest'
import type { Task } from '@/api/types'
import { byDay, dayNamed, localeOf, onDay, rangeOf, weeksOf } from './weeks'

const edges = (weeks: CalendarDate[][]) => [weeks.length, String(weeks[0]![0]), String(weeks.at(-1)![6])]
const task = (id: string, due_at: string | null) => ({ id, due_at }) as Task

describe('weeks', () => {
  it.each([
    ['de-DE', '2030-03-15', [5, '2030-02-25', '2030-03-31']],
    ['en-US', '2030-03-15', [6, '2030-02-24', '2030-04-06']],
    // A February that fills four weeks, and a December that ends the year.
    ['en-GB', '2027-02-10', [4, '2027-02-01', '2027-02-28']],
    ['en-GB', '2030-12-31', [6, '2030-11-25', '2031-01-05']],
    ['en-GB', '2030-01-01', [5, '2029-12-31', '2030-02-03']],
  ])('of a month in %s around %s', (locale, day, expected) =>
    expect(edges(weeksOf(dayNamed(day)!, 'month', locale))).toEqual(expected),
  )

  it('is one around a day', () => {
    const sunday = new CalendarDate(2030, 3, 3)
    expect(edges(weeksOf(sunday, 'week', 'de-DE'))).toEqual([1, '2030-02-25', '2030-03-03'])
    expect(edges(weeksOf(sunday, 'week', 'en-US'))).toEqual([1, '2030-03-03', '2030-03-09'])
  })

  it('begins as where the person is, if the browser says it', () => {
    expect(localeOf('en', ['de-DE', 'en-GB', 'en'])).toBe('en-GB')
    expect(localeOf('en', ['de-DE'])).toBe('de-DE')
    expect(localeOf('de', [])).toBe('de')
  })
})

describe('the range', () => {
  it('is of days in the time zone, also when the clocks change', () => {
    // In Berlin, summer time begins on 31 March 2030.
    const weeks = weeksOf(new CalendarDate(2030, 3, 28), 'week', 'de-DE')
    expect(rangeOf(weeks, 'Europe/Berlin')).toEqual({
      due_after: '2030-03-24T22:59:59.999Z',
      due_before: '2030-03-31T22:00:00.000Z',
    })
  })
})

describe('the tasks of a day', () => {
  it('are those of the day where the person is, by time', () => {
    const tasks = [task('late', '2030-03-01T23:30:00Z'), task('early', '2030-03-01T06:00:00Z'), task('never', null)]
    const ids = (zone: string) => [...byDay(tasks, zone)].map(([day, list]) => [day, list.map(({ id }) => id)])
    expect(ids('UTC')).toEqual([['2030-03-01', ['early', 'late']]])
    expect(ids('Europe/Berlin')).toEqual([['2030-03-01', ['early']], ['2030-03-02', ['late']]])
    expect(ids('America/Los_Angeles')).toEqual([['2030-02-28', ['early']], ['2030-03-01', ['late']]])
  })
})

describe('another day', () => {
  it('keeps the time of day when the clocks change', () =>
    expect(onDay('2030-03-30T08:30:00Z', new CalendarDate(2030, 4, 1), 'Europe/Berlin')).toBe('2030-04-01T07:30:00.000Z'))

  it('moves a time that the clocks leave out', () =>
    expect(onDay('2030-03-30T01:30:00Z', new CalendarDate(2030, 3, 31), 'Europe/Berlin')).toBe('2030-03-31T01:30:00.000Z'))

  it('is at five for a task without a date', () =>
    expect(onDay(null, new CalendarDate(2030, 4, 1), 'Europe/Berlin')).toBe('2030-04-01T15:00:00.000Z'))
})

it.each([['2030-02-29', undefined], ['2028-02-29', '2028-02-29'], ['2030-13-01', undefined], ['x', undefined], [undefined, undefined]])(
  'reads the day %s',
  (text, day) => expect(dayNamed(text)?.toString()).toBe(day),
)
