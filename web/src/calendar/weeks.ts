/** The days that the calendar shows, and the tasks on them. */

import { CalendarDate, CalendarDateTime, parseAbsolute, startOfMonth, startOfWeek, toCalendarDate, toZoned } from '@internationalized/date'
import type { Task } from '@/api/types'

export type View = 'month' | 'week'

const USUAL_HOUR = 17

/** Returns the locale of this browser in a language: it says on which day the week begins. */
export const localeOf = (language: string, preferred: readonly string[] = navigator.languages): string =>
  preferred.find((locale) => locale.split('-')[0] === language && locale.includes('-')) ?? preferred[0] ?? language

/** Returns the weeks that a view shows around a day: all days of the month, with those beside it that fill the weeks. */
export function weeksOf(day: CalendarDate, view: View, locale: string): CalendarDate[][] {
  const first = startOfWeek(view === 'week' ? day : startOfMonth(day), locale)
  const weeks: CalendarDate[][] = []
  for (let start = first; !weeks.length || isShown(start, day, view); start = start.add({ weeks: 1 }))
    weeks.push(Array.from({ length: 7 }, (_, later) => start.add({ days: later })))
  return weeks
}

const isShown = (start: CalendarDate, day: CalendarDate, view: View) =>
  view === 'month' && (start.year < day.year || (start.year === day.year && start.month <= day.month))

/** Returns the instants between which tasks of these weeks are due: after the first, and before the second. */
export function rangeOf(weeks: readonly CalendarDate[][], timeZone: string): { due_after: string; due_before: string } {
  const start = (day: CalendarDate) => toZoned(new CalendarDateTime(day.year, day.month, day.day), timeZone).toDate()
  const after = start(weeks[0]![0]!)
  // What is due at midnight is due on that day.
  after.setMilliseconds(-1)
  return { due_after: after.toISOString(), due_before: start(weeks.at(-1)![6]!.add({ days: 1 })).toISOString() }
}

/** Returns the tasks of each day, by its date as `2030-03-01`. */
export function byDay(tasks: readonly Task[], timeZone: string): Map<string, Task[]> {
  const days = new Map<string, Task[]>()
  for (const task of tasks.toSorted((a, b) => Date.parse(a.due_at ?? '') - Date.parse(b.due_at ?? ''))) {
    if (!task.due_at) continue
    const day = toCalendarDate(parseAbsolute(task.due_at, timeZone)).toString()
    days.set(day, [...(days.get(day) ?? []), task])
  }
  return days
}

/** Returns the instant on another day at the same time of day; at the usual time if there was none. */
export function onDay(due: string | null | undefined, day: CalendarDate, timeZone: string): string {
  const { hour, minute, second, millisecond } = due
    ? parseAbsolute(due, timeZone)
    : { hour: USUAL_HOUR, minute: 0, second: 0, millisecond: 0 }
  const local = new CalendarDateTime(day.year, day.month, day.day, hour, minute, second, millisecond)
  return toZoned(local, timeZone).toDate().toISOString()
}

/** Returns the day that `2030-03-01` names, or nothing if it is no day. */
export function dayNamed(text: unknown): CalendarDate | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(String(text))?.map(Number) ?? []
  if (!year || !month || !day) return undefined
  const made = new CalendarDate(year, month, day)
  return made.month === month && made.day === day ? made : undefined
}
