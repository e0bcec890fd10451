import type { CalendarDate } from '@internationalized/date'
import { language } from '@/text'

const format = (day: CalendarDate, options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(language.value, { ...options, timeZone: 'UTC' }).format(day.toDate('UTC'))

/** "Friday, 1 March" */
export const dayName = (day: CalendarDate): string => format(day, { weekday: 'long', day: 'numeric', month: 'long' })
/** "Fri" */
export const weekdayName = (day: CalendarDate): string => format(day, { weekday: 'short' })
/** "1 Mar" */
export const shortName = (day: CalendarDate): string => format(day, { day: 'numeric', month: 'short' })
/** "March 2030" */
export const monthName = (day: CalendarDate): string => format(day, { month: 'long', year: 'numeric' })
/** "25 Feb – 3 Mar 2030" */
export const weekName = (first: CalendarDate, last: CalendarDate): string =>
  new Intl.DateTimeFormat(language.value, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' }).formatRange(
    first.toDate('UTC'),
    last.toDate('UTC'),
  )
