/** Turns the rows of reports into what is drawn. */

import { parseAbsolute, parseDate, toCalendarDate } from '@internationalized/date'
import type { ActivityRow, CompletionRow, OverdueRow, WorkloadRow } from './report'

/** A bar of parts, such as the tasks of a person by status. */
export interface Bar {
  label: string
  parts: Record<string, number>
  total: number
}

/** Values over time. Days are dates such as `2030-03-01`; null is no value. */
export interface Series {
  days: string[]
  values: Record<string, (number | null)[]>
}

const bar = (label: string, parts: Record<string, number>): Bar => ({
  label,
  parts,
  total: Object.values(parts).reduce((sum, part) => sum + part, 0),
})

/** Returns a bar for each person, the longest first. */
export function workloadBars(rows: readonly WorkloadRow[], nobody: string): Bar[] {
  return rows
    .map(({ person_id, person, todo, in_progress, done, cancelled }) =>
      bar(person_id ? person : nobody, { todo, in_progress, done, cancelled }),
    )
    .toSorted((a, b) => b.total - a.total)
}

/** Returns how many tasks were created and completed over time. */
export function completionSeries(rows: readonly CompletionRow[]): Series {
  const steps = rows.filter((row) => row.date)
  return {
    days: steps.map((row) => row.date!),
    values: { created: steps.map((row) => row.created), completed: steps.map((row) => row.completed) },
  }
}

/** Returns how long tasks took over time, in hours. */
export function durationSeries(rows: readonly CompletionRow[]): Series {
  const steps = rows.filter((row) => row.date)
  return {
    days: steps.map((row) => row.date!),
    values: { lead: steps.map((row) => row.lead_hours_median), cycle: steps.map((row) => row.cycle_hours_median) },
  }
}

/** The upper ends of the groups of {@link latenessBars}, in days. */
export const LATENESS = [1, 3, 7, 30, Infinity] as const

/** Returns how many tasks were late for how long, those that are done apart from those that are open. */
export function latenessBars(rows: readonly OverdueRow[], labels: readonly string[]): Bar[] {
  const groups = LATENESS.map(() => ({ open: 0, done: 0 }))
  for (const { days_late, completed_at } of rows) {
    const group = groups[LATENESS.findIndex((end) => days_late < end)]!
    group[completed_at ? 'done' : 'open'] += 1
  }
  return groups.map((group, index) => bar(labels[index]!, group))
}

/** Returns how many changes were made on each day of the period, in the person's time zone. */
export function activitySeries(rows: readonly ActivityRow[], from: string, to: string, zone: string): Series {
  const dayOf = (time: string) => toCalendarDate(parseAbsolute(time, zone)).toString()
  const counts = new Map<string, number>()
  for (const { at } of rows) {
    const day = dayOf(at)
    counts.set(day, (counts.get(day) ?? 0) + 1)
  }
  // The end is exclusive.
  const last = dayOf(new Date(Date.parse(to) - 1).toISOString())
  const days: string[] = []
  for (let day = parseDate(dayOf(from)); day.toString() <= last; day = day.add({ days: 1 })) days.push(day.toString())
  return { days, values: { changes: days.map((day) => counts.get(day) ?? 0) } }
}

/** Returns how many changes each person made, the most first. */
export function activityBars(rows: readonly ActivityRow[]): Bar[] {
  const counts = new Map<string, number>()
  for (const { person } of rows) counts.set(person, (counts.get(person) ?? 0) + 1)
  return [...counts].map(([person, changes]) => bar(person, { changes })).toSorted((a, b) => b.total - a.total)
}
