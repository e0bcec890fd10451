/** Finds dates and times in a line, in English and German. What could mean something else is not a date. */

import { type CalendarDate, CalendarDateTime, CalendarDate as Day, parseAbsolute, toCalendarDate, toZoned } from '@internationalized/date'

export interface Clock {
  now: Date
  timeZone: string
  language: 'en' | 'de'
}

/** A date, a time of day, or both. */
export interface When {
  date?: CalendarDate
  time?: { hour: number; minute: number }
}

export interface FoundWhen extends When {
  start: number
  end: number
  /** Counts only if nothing but recognised parts follows. */
  onlyAtEnd?: boolean
  /** Counts only if a date follows directly. */
  onlyBeforeDate?: boolean
}

/** The hour at which what has a day and no time is due. */
const USUAL_HOUR = 17

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const WOCHENTAGE = ['montag', 'dienstag', 'mittwoch', 'donnerstag', 'freitag', 'samstag', 'sonntag']
const SHORT = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
/** Words of English, too: they are days only behind a preposition. */
const KURZ = ['mo', 'di', 'mi', 'do', 'fr', 'sa', 'so']
const MONTHS = ['jan', 'feb', 'mar|mär|mrz|maer', 'apr', 'may|mai', 'jun', 'jul', 'aug', 'sep|sept', 'oct|okt', 'nov', 'dec|dez']
const FULL = [
  'january|januar|jänner', 'february|februar', 'march|märz|maerz', 'april', 'may|mai', 'june|juni', 'july|juli',
  'august', 'september', 'october|oktober', 'november', 'december|dezember',
]
const NUMBERS: Record<string, number> = { a: 1, an: 1, one: 1, two: 2, three: 3, einem: 1, einer: 1, zwei: 2, drei: 3 }

const WEEKDAY = [...WEEKDAYS, ...WOCHENTAGE, 'sonnabend', 'tues', 'thur', 'thurs', ...SHORT].join('|')
const MONTH = [...FULL, ...MONTHS].join('|')
const BEFORE = '(?:(?<prep>due on|due by|due|on|by|until|am|bis zum|bis|zum)\\s+)?'
const DAY_BEFORE = `(?:(?:${WEEKDAY}|${KURZ.join('|')})\\.?,?\\s+(?:the\\s+|den\\s+)?)?`
const YEAR = '(?:,?\\s+(?<year>\\d{4}))?'
/** What must not follow: it would be another word, such as "today's", or a longer number. */
const END = "(?![\\p{L}\\p{N}_'’/-]|[.,:]\\p{N})"

const pattern = (source: string) => new RegExp(source + END, 'iuy')
const date = (source: string) => pattern(BEFORE + source)

const ISO = date(`${DAY_BEFORE}(?<year>\\d{4})-(?<month>\\d{2})-(?<day>\\d{2})`)
const DOTTED = date(`${DAY_BEFORE}(?<day>\\d{1,2})\\.\\s?(?<month>\\d{1,2})\\.(?<year>\\d{4})?`)
const DAY_MONTH = date(`${DAY_BEFORE}(?<day>\\d{1,2})(?:st|nd|rd|th|\\.)?\\s+(?:of\\s+)?(?<month>${MONTH})\\.?${YEAR}`)
const MONTH_DAY = date(`${DAY_BEFORE}(?<month>${MONTH})\\.?\\s+(?<day>\\d{1,2})(?:st|nd|rd|th)?${YEAR}`)
const WORD = date('(?<word>(?:the )?day after tomorrow|today|tomorrow|heute|morgen|übermorgen|uebermorgen)')
const NEXT = date('(?:next|nächsten?|naechsten?|kommenden?)\\s+(?:(?<week>week|woche)|month|monat)')
const NEXT_DAY = date(`(?<which>next|this|coming|nächsten|naechsten|kommenden|diesen)\\s+(?<name>${WEEKDAY}|${KURZ.join('|')})`)
const NAMED_DAY = date(`(?<name>${WEEKDAY})`)
const KURZ_DAY = pattern(`(?<prep>am|bis)\\s+(?<name>${KURZ.join('|')})`)
const IN = pattern('in\\s+(?<count>\\d{1,3}|[a-z]+)\\s+(?<unit>days?|weeks?|months?|tag(?:en)?|wochen?|monat(?:en)?)')
const PLUS = pattern('\\+(?<count>\\d{1,3})(?<unit>[dwm])')

const TIMES = [
  pattern('(?<prep>at|um)\\s+(?<hour>\\d{1,2}):(?<minute>\\d{2})(?:\\s?(?<half>am|pm)|\\s+uhr)?'),
  pattern('(?:at\\s+)?(?<hour>\\d{1,2})(?::(?<minute>\\d{2}))?(?:\\s?(?<half>pm)|(?<half2>am))'),
  pattern('at\\s+(?<hour>\\d{1,2})(?::(?<minute>\\d{2}))?\\s(?<half>am)'),
  pattern('(?:um\\s+)?(?<hour>\\d{1,2})(?:[:.](?<minute>\\d{2}))?\\s*uhr'),
]
/** A ratio, a score or a verse anywhere else. */
const TIME_BESIDE_DATE = pattern('(?:(?:at|um)\\s+)?(?<hour>\\d{1,2}):(?<minute>\\d{2})')
const HOUR_BEHIND_DATE = pattern('(?:at|um)\\s+(?<hour>\\d{1,2})')

/** Behind these words a date belongs to what the task is about: "figures since Monday". */
const NOT_BEHIND = new Set(
  `since from last past every each before after of for the a this that to than and or vs black good casual ash easter palm
   seit von vom ab letzten letzte letzter letztes jeden jede jedes vor nach für der die das den dem des ein guten gegen und oder
   version v release chapter section kapitel abschnitt nr no punkt §`.split(/\s+/),
)
const wordBefore = (line: string, at: number) => /(\S+)\s+$/u.exec(line.slice(0, at))?.[1]?.toLowerCase() ?? ''

/** Returns the day of an instant, in the time zone. */
export const today = ({ now, timeZone }: Clock): CalendarDate => toCalendarDate(parseAbsolute(now.toISOString(), timeZone))

/** Returns the date or time that begins at this place of the line. */
export function whenAt(line: string, at: number, clock: Clock): FoundWhen | undefined {
  const found = dateAt(line, at, clock)
  if (found) {
    const gap = /,?\s+/uy
    gap.lastIndex = found.end
    const from = gap.test(line) ? gap.lastIndex : -1
    const time = from < 0 ? undefined : timeAt(line, from, [...TIMES, TIME_BESIDE_DATE, HOUR_BEHIND_DATE])
    return time ? { ...found, time: time.time, end: time.end } : found
  }
  const time = timeAt(line, at, TIMES)
  if (time) return { start: at, ...time }
  const bare = timeAt(line, at, [TIME_BESIDE_DATE])
  return bare && { start: at, ...bare, onlyBeforeDate: true }
}

type Groups = Record<string, string | undefined>

function dateAt(line: string, at: number, clock: Clock): FoundWhen | undefined {
  for (const [expression, read] of READERS) {
    expression.lastIndex = at
    const match = expression.exec(line)
    if (!match) continue
    const groups: Groups = match.groups ?? {}
    if (!groups.prep && NOT_BEHIND.has(wordBefore(line, at))) continue
    const end = expression.lastIndex
    const result = read(groups, { clock, line, at, end, text: match[0] })
    if (result) return { start: at, end, date: result.date, onlyAtEnd: result.onlyAtEnd }
  }
  return undefined
}

interface Place {
  clock: Clock
  line: string
  at: number
  end: number
  text: string
}
type Read = (groups: Groups, place: Place) => { date: CalendarDate; onlyAtEnd?: boolean } | undefined

const READERS: [RegExp, Read][] = [
  [ISO, ({ year, month, day }) => valid(Number(year), Number(month), Number(day))],
  [
    DOTTED,
    ({ day, month, year, prep }, { clock }) =>
      // "Upgrade to 16.2." is a version for who writes English.
      year || prep || clock.language === 'de' ? calendarDay(day, Number(month), year, clock) : undefined,
  ],
  [DAY_MONTH, ({ day, month, year }, { clock }) => calendarDay(day, monthOf(month), year, clock)],
  [MONTH_DAY, ({ day, month, year }, { clock }) => calendarDay(day, monthOf(month), year, clock)],
  [WORD, readWord],
  [
    NEXT,
    ({ week }, place) => {
      if (isProperName(place)) return undefined
      const now = today(place.clock)
      return { date: week ? now.add({ days: 7 - weekday(now) }) : now.add({ months: 1 }).set({ day: 1 }) }
    },
  ],
  [
    NEXT_DAY,
    ({ which, name }, place) => {
      if (isProperName(place)) return undefined
      const now = today(place.clock)
      if (!/^(next|n)/i.test(which!)) return { date: coming(now, name!) }
      return { date: now.add({ days: 7 - weekday(now) + numberOf(name!) }) }
    },
  ],
  [
    NAMED_DAY,
    ({ name, prep }, { clock, line, at, end }) => ({
      date: coming(today(clock), name!),
      // "Prepare the Monday meeting" has no date. "Monday: prepare the meeting" has.
      onlyAtEnd: !prep && !(at === 0 && /^[:,]\s/.test(line.slice(end))),
    }),
  ],
  [KURZ_DAY, ({ name }, { clock }) => ({ date: coming(today(clock), name!), onlyAtEnd: true })],
  [IN, ({ count, unit }, place) => (isProperName(place) ? undefined : later(place.clock, count!, unit!))],
  [PLUS, ({ count, unit }, { clock }) => later(clock, count!, unit!)],
]

function readWord({ word }: Groups, place: Place): ReturnType<Read> {
  if (isProperName(place)) return undefined
  const name = word!.toLowerCase()
  const english = name === 'today' || name === 'tomorrow'
  // "Tomorrow Never Dies"
  if (english && /^\p{Lu}/u.test(place.text) && /^\s+\p{Lu}/u.test(place.line.slice(place.end))) return undefined
  const days = english || name === 'heute' || name === 'morgen' ? Number(!/^(today|heute)$/.test(name)) : 2
  return { date: today(place.clock).add({ days }) }
}

/** Whether the words are written like a name inside the line: "USA Today", "Guten Morgen". */
const isProperName = ({ at, text }: Place) => at > 0 && /^(?:(?:due|on|by|until|am|bis|zum)\s+)*\p{Lu}/u.test(text)

const numberOf = (name: string): number => {
  const lower = name.toLowerCase()
  if (lower === 'sonnabend') return 5
  const list = [WEEKDAYS, WOCHENTAGE].find((names) => names.includes(lower))
  if (list) return list.indexOf(lower)
  return KURZ.includes(lower) ? KURZ.indexOf(lower) : SHORT.indexOf(lower.slice(0, 3))
}
/** Returns the day of the week: Monday is 0. */
const weekday = (day: CalendarDate) => (day.toDate('UTC').getUTCDay() + 6) % 7
const coming = (now: CalendarDate, name: string) => now.add({ days: ((numberOf(name) - weekday(now) + 6) % 7) + 1 })
const monthOf = (name: string | undefined) => {
  const is = (names: string) => names.split('|').includes(name!.toLowerCase())
  return Math.max(FULL.findIndex(is), MONTHS.findIndex(is)) + 1
}

function later(clock: Clock, count: string, unit: string) {
  const number = NUMBERS[count.toLowerCase()] ?? Number(count)
  if (!Number.isInteger(number)) return undefined
  const one = unit[0]!.toLowerCase()
  return { date: today(clock).add(one === 'w' ? { weeks: number } : one === 'm' ? { months: number } : { days: number }) }
}

function valid(year: number, month: number, day: number) {
  if (month < 1 || month > 12 || day < 1 || day > 31) return undefined
  const made = new Day(year, month, day)
  return made.day === day && made.month === month ? { date: made } : undefined
}

/** Without a year, it is the next such day. */
function calendarDay(day: string | undefined, month: number, year: string | undefined, clock: Clock) {
  const now = today(clock)
  if (year) return valid(Number(year), month, Number(day))
  // 29 February may be years away.
  for (let next = now.year; next <= now.year + 8; next += 1) {
    const found = valid(next, month, Number(day))
    if (found && found.date.compare(now) >= 0) return found
  }
  return undefined
}

function timeAt(line: string, at: number, patterns: readonly RegExp[]) {
  for (const expression of patterns) {
    expression.lastIndex = at
    const match = expression.exec(line)
    if (!match) continue
    const { hour, minute, half, half2 }: Groups = match.groups ?? {}
    const time = timeOf(Number(hour), Number(minute ?? 0), (half ?? half2)?.toLowerCase())
    if (time) return { time, end: expression.lastIndex }
  }
  return undefined
}

function timeOf(hour: number, minute: number, half: string | undefined) {
  if (minute > 59 || hour > 23 || (half && (hour < 1 || hour > 12))) return undefined
  return { hour: half ? (hour % 12) + (half === 'pm' ? 12 : 0) : hour, minute }
}

/** Returns the instant: at the usual hour without a time, and at the next such time without a date. */
export function instantOf({ date: chosen, time }: When, clock: Clock): string {
  const now = today(clock)
  const at = (day: CalendarDate, hour: number, minute: number) =>
    toZoned(new CalendarDateTime(day.year, day.month, day.day, hour, minute), clock.timeZone).toDate()
  if (time) {
    const first = at(chosen ?? now, time.hour, time.minute)
    return (chosen || first > clock.now ? first : at(now.add({ days: 1 }), time.hour, time.minute)).toISOString()
  }
  const usual = at(chosen ?? now, USUAL_HOUR, 0)
  // Today, and the usual hour is over: it would be overdue at once.
  const isOver = usual <= clock.now && (chosen ?? now).compare(now) === 0
  return (isOver ? at(now, 23, 59) : usual).toISOString()
}
