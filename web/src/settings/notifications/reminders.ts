/** Durations before a deadline, as the API writes them: `P1D`, `PT1H30M`. */

export const UNITS = ['minutes', 'hours', 'days', 'weeks'] as const
export type Unit = (typeof UNITS)[number]

export const MINUTES: Record<Unit, number> = { minutes: 1, hours: 60, days: 24 * 60, weeks: 7 * 24 * 60 }
/** The longest time before a deadline, and the most reminders. */
export const LONGEST = 30 * MINUTES.days
export const MOST = 10

/** Returns the minutes of a duration, or `undefined` if it is not one. */
export function minutesOf(duration: string): number | undefined {
  const match = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(duration)
  if (!match) return undefined
  const [weeks, days, hours, minutes] = match.slice(1).map((digits) => Number(digits ?? 0)) as [number, number, number, number]
  return weeks * MINUTES.weeks + days * MINUTES.days + hours * MINUTES.hours + minutes
}

/** Returns the duration of a number of minutes. */
export function durationOf(minutes: number): string {
  const days = Math.floor(minutes / MINUTES.days)
  const hours = Math.floor((minutes % MINUTES.days) / MINUTES.hours)
  const rest = minutes % MINUTES.hours
  const time = `${hours ? `${hours}H` : ''}${rest ? `${rest}M` : ''}`
  return `P${days ? `${days}D` : ''}${time || !days ? `T${time || '0M'}` : ''}`
}

/** Returns the parts of a duration that are not zero, the longest first: weeks only if nothing else is left. */
export function partsOf(minutes: number): [Unit, number][] {
  if (minutes === 0) return [['minutes', 0]]
  if (minutes % MINUTES.weeks === 0) return [['weeks', minutes / MINUTES.weeks]]
  const parts: [Unit, number][] = [
    ['days', Math.floor(minutes / MINUTES.days)],
    ['hours', Math.floor((minutes % MINUTES.days) / MINUTES.hours)],
    ['minutes', minutes % MINUTES.hours],
  ]
  return parts.filter(([, number]) => number)
}
