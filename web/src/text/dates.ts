/** Dates and times in the person's time zone and language. */

import { CalendarDate, parseAbsolute, toCalendarDate, today, toZoned, CalendarDateTime } from '@internationalized/date'
import { language, t } from '.'
import { timeZone } from '@/session/session'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Returns the day of an instant in the person's time zone. */
export const dayOf = (time: string): CalendarDate => toCalendarDate(parseAbsolute(time, timeZone.value))

/** Returns today in the person's time zone. */
export const todayHere = (): CalendarDate => today(timeZone.value)

/** Returns the instant of a day and time in the person's time zone, as the API takes it. */
export function instant(day: CalendarDate, hour = 17, minute = 0): string {
  const local = new CalendarDateTime(day.year, day.month, day.day, hour, minute)
  return toZoned(local, timeZone.value).toDate().toISOString()
}

/** Returns an instant with day, time and year: for titles and tooltips. */
export const exact = (time: string): string => format(time, { dateStyle: 'full', timeStyle: 'short' })

/** Returns the time of day. */
export const clock = (time: string): string => format(time, { timeStyle: 'short' })

/** Returns a day in a few words: "today", "tomorrow", "Mon", "3 Mar", "3 Mar 2031". */
export function shortDay(time: string): string {
  const days = dayOf(time).compare(todayHere())
  if (days >= -1 && days <= 1) return relative().format(days, 'day')
  if (days > 1 && days < 7) return format(time, { weekday: 'short' })
  const sameYear = dayOf(time).year === todayHere().year
  return format(time, { day: 'numeric', month: 'short', ...(sameYear ? {} : { year: 'numeric' }) })
}

/** Returns how long ago or ahead an instant is: "5 minutes ago", and from a week on the day. */
export function ago(time: string, now = Date.now()): string {
  const difference = Date.parse(time) - now
  const distance = Math.abs(difference)
  if (distance < MINUTE) return t('just-now')
  if (distance < HOUR) return relative().format(Math.round(difference / MINUTE), 'minute')
  if (distance < 24 * HOUR) return relative().format(Math.round(difference / HOUR), 'hour')
  if (distance < 7 * 24 * HOUR) return relative().format(Math.round(difference / (24 * HOUR)), 'day')
  return shortDay(time)
}

/** The chosen language as the browser's region writes it: 27 Nov or Nov 27. */
const locale = (): string => navigator.languages.find((one) => one.startsWith(language.value)) ?? language.value

const relative = () => new Intl.RelativeTimeFormat(language.value, { numeric: 'auto', style: 'long' })

function format(time: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale(), { ...options, timeZone: timeZone.value }).format(new Date(time))
}
