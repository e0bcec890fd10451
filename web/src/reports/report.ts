/** The file of a report in JSON: the rows have the columns of its kind. */

import type { components } from '@/api/schema'

export type Kind = components['schemas']['ReportKind']
export type Format = components['schemas']['ReportFormat']

export const KINDS: readonly Kind[] = ['workload', 'completion', 'overdue', 'activity']
export const FORMATS: readonly Format[] = ['json', 'csv', 'xlsx']

export interface WorkloadRow {
  person_id: string | null
  person: string
  todo: number
  in_progress: number
  overdue: number
  done: number
  cancelled: number
}

export interface CompletionRow {
  step: 'day' | 'week' | 'month' | 'total'
  date: string | null
  created: number
  completed: number
  lead_hours_median: number | null
  lead_hours_p90: number | null
  cycle_hours_median: number | null
  cycle_hours_p90: number | null
}

export interface OverdueRow {
  key: string
  title: string
  project: string
  assignee: string | null
  priority: string
  status: string
  due_at: string
  completed_at: string | null
  days_late: number
}

export interface ActivityRow {
  at: string
  person: string
  kind: string
  key: string
  title: string
  project: string
  changes: string | null
}

interface Of<K extends Kind, R> {
  kind: K
  from: string
  to: string
  rows: R[]
}

export type ReportFile =
  | Of<'workload', WorkloadRow>
  | Of<'completion', CompletionRow>
  | Of<'overdue', OverdueRow>
  | Of<'activity', ActivityRow>

/** Returns the report in a file; `undefined` if the text is none. */
export function parseReport(text: string): ReportFile | undefined {
  try {
    const file = JSON.parse(text) as Partial<ReportFile> | null
    const isReport =
      file && KINDS.includes(file.kind as Kind) && typeof file.from === 'string' && typeof file.to === 'string' && Array.isArray(file.rows)
    return isReport ? (file as ReportFile) : undefined
  } catch {
    return undefined
  }
}
