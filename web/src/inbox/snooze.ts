/** When a snoozed notification may return. */

import { type ZonedDateTime, parseAbsolute, parseDateTime, toZoned } from '@internationalized/date'

export type SnoozeId = 'later' | 'tomorrow' | 'week'

export interface SnoozeChoice {
  id: SnoozeId
  /** The instant. */
  until: string
}

const HOURS_LATER = 3
const MORNING = 8
const DAYS_OF_WEEK = 7

/** Returns the choices at a time, in a time zone. */
export function snoozeChoices(now: string, zone: string): SnoozeChoice[] {
  const here = parseAbsolute(now, zone)
  const morning = (days: number): string => at(here.add({ days }), MORNING)
  const later = wholeHour(here.add({ hours: HOURS_LATER }))
  return [
    ...(later.day === here.day ? [{ id: 'later' as const, until: later.toDate().toISOString() }] : []),
    { id: 'tomorrow', until: morning(1) },
    { id: 'week', until: morning(DAYS_OF_WEEK + 1 - weekday(here)) },
  ]
}

const at = (day: ZonedDateTime, hour: number): string =>
  day.set({ hour, minute: 0, second: 0, millisecond: 0 }).toDate().toISOString()

/** Returns the next whole hour, or the time itself if it is one. */
function wholeHour(time: ZonedDateTime): ZonedDateTime {
  const hour = time.set({ minute: 0, second: 0, millisecond: 0 })
  return hour.compare(time) < 0 ? hour.add({ hours: 1 }) : hour
}

/** Returns the day of the week: 1 is Monday, 7 is Sunday. */
function weekday(time: ZonedDateTime): number {
  const day = new Date(Date.UTC(time.year, time.month - 1, time.day)).getUTCDay()
  return day === 0 ? DAYS_OF_WEEK : day
}

/** Returns the instant of what was typed into a field for day and time, in a time zone; `undefined` if it is not valid. */
export function chosenInstant(typed: string, zone: string): string | undefined {
  try {
    return toZoned(parseDateTime(typed), zone).toDate().toISOString()
  } catch {
    return undefined
  }
}

/** Returns a time as a field for day and time shows it, in a time zone. */
export function asTyped(time: string, zone: string): string {
  return parseAbsolute(time, zone).toString().slice(0, 'YYYY-MM-DDTHH:MM'.length)
}
