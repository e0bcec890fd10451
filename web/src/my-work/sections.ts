import { type CalendarDate, parseAbsolute, toCalendarDate } from '@internationalized/date'
import type { Task } from '@/api/types'

export const SECTIONS = ['overdue', 'today', 'week', 'later', 'none'] as const
export type Section = (typeof SECTIONS)[number]

const DAYS_SOON = 7
/** After this the time is looked at again: timers stop while a device is asleep. */
const LONGEST_WAIT_MS = 60 * 60_000

/** Returns the section of an open task at a time, in a time zone. */
export function sectionOf(task: Pick<Task, 'due_at'>, now: number, zone: string): Section {
  if (!task.due_at) return 'none'
  if (Date.parse(task.due_at) < now) return 'overdue'
  const days = toCalendarDate(parseAbsolute(task.due_at, zone)).compare(dayAt(now, zone))
  if (days <= 0) return 'today'
  return days <= DAYS_SOON ? 'week' : 'later'
}

/** Returns the tasks of each section, in their order. */
export function inSections(tasks: readonly Task[], now: number, zone: string): Map<Section, Task[]> {
  const sections = new Map<Section, Task[]>(SECTIONS.map((section) => [section, []]))
  for (const task of tasks) sections.get(sectionOf(task, now, zone))!.push(task)
  return sections
}

/** Returns in how many milliseconds a task may move to another section: at its time, or at midnight. */
export function untilNextMove(tasks: readonly Pick<Task, 'due_at'>[], now: number, zone: string): number {
  const midnight = dayAt(now, zone).add({ days: 1 }).toDate(zone).getTime()
  const times = tasks.map(({ due_at }) => (due_at ? Date.parse(due_at) : 0)).filter((time) => time >= now)
  // A task is overdue after its time, not at it.
  return Math.min(midnight - now, Math.min(...times) - now + 1, LONGEST_WAIT_MS)
}

/** Whether an instant is on the day of `now`, in a time zone. */
export const isToday = (time: string, now: number, zone: string): boolean =>
  toCalendarDate(parseAbsolute(time, zone)).compare(dayAt(now, zone)) === 0

function dayAt(now: number, zone: string): CalendarDate {
  return toCalendarDate(parseAbsolute(new Date(now).toISOString(), zone))
}
