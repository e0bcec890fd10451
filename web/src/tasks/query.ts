/** Which tasks a list asks for. This is the one place that knows the parameters of `GET /v1/tasks`. */

import { type Priority, type Status, type Task, isOpen } from '@/api/types'

export type SortKey = 'rank' | 'due_at' | 'priority' | 'status' | 'created_at' | 'updated_at' | 'title'
export type Sort = SortKey | `-${SortKey}`

export interface TaskQuery {
  project_id?: string
  status?: Status[]
  priority?: Priority[]
  /** Ids, `me` or `none`. */
  assignee_id?: string[]
  created_by?: string
  label?: string[]
  /** An instant: due before it. */
  due_before?: string
  due_after?: string
  overdue?: boolean
  parent_id?: string
  q?: string
  deleted?: boolean
  sort?: Sort[]
}

export const OPEN: Status[] = ['todo', 'in_progress']

/** A value with a comma or quotes is put in quotes, as the API wants it. */
const quoted = (value: string): string => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)

/** Returns the parameters of a request. */
export function parameters(query: TaskQuery): Record<string, string | undefined> {
  const list = (values?: readonly string[]) => (values?.length ? values.map(quoted).join(',') : undefined)
  return {
    project_id: query.project_id,
    status: list(query.status),
    priority: list(query.priority),
    assignee_id: list(query.assignee_id),
    created_by: query.created_by,
    label: list(query.label),
    due_before: query.due_before,
    due_after: query.due_after,
    overdue: query.overdue === undefined ? undefined : String(query.overdue),
    parent_id: query.parent_id,
    q: query.q || undefined,
    deleted: query.deleted ? 'true' : undefined,
    sort: list(query.sort),
  }
}

/**
 * Returns whether the task is in the list, or `undefined` if only the server can say (words).
 *
 * `now` is in milliseconds.
 */
export function matches(task: Task, query: TaskQuery, me: string, now = Date.now()): boolean | undefined {
  if (Boolean(task.deleted_at) !== Boolean(query.deleted)) return false
  if (query.project_id && task.project_id !== query.project_id) return false
  if (query.status && !query.status.includes(task.status)) return false
  if (query.priority && !query.priority.includes(task.priority)) return false
  if (query.created_by && task.created_by !== (query.created_by === 'me' ? me : query.created_by)) return false
  if (query.parent_id && (task.parent_id ?? 'none') !== query.parent_id) return false
  if (query.assignee_id) {
    const wanted = query.assignee_id.map((id) => (id === 'me' ? me : id))
    if (!wanted.includes(task.assignee_id ?? 'none')) return false
  }
  if (query.label) {
    const has = new Set(task.labels.map((label) => label.toLowerCase()))
    if (!query.label.some((label) => has.has(label.toLowerCase()))) return false
  }
  const due = task.due_at ? Date.parse(task.due_at) : undefined
  if (query.due_before && !(due !== undefined && due < Date.parse(query.due_before))) return false
  if (query.due_after && !(due !== undefined && due >= Date.parse(query.due_after))) return false
  if (query.overdue !== undefined) {
    const overdue = due !== undefined && due < now && isOpen(task)
    if (overdue !== query.overdue) return false
  }
  return query.q ? undefined : true
}

const PRIORITY_ORDER: Record<Priority, number> = { low: 0, medium: 1, high: 2, urgent: 3 }
const STATUS_ORDER: Record<Status, number> = { todo: 0, in_progress: 1, done: 2, cancelled: 3 }

function compareBy(a: Task, b: Task, key: SortKey): number {
  switch (key) {
    case 'rank':
      return order(a.rank, b.rank)
    case 'priority':
      return PRIORITY_ORDER[a.priority] - PRIORITY_ORDER[b.priority]
    case 'status':
      return STATUS_ORDER[a.status] - STATUS_ORDER[b.status]
    case 'title':
      return order(a.title, b.title)
    case 'due_at':
    case 'created_at':
    case 'updated_at':
      return Date.parse(a[key] ?? '') - Date.parse(b[key] ?? '')
  }
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Returns the order of two tasks, as the API sorts them: without a due date comes last, either way. */
export function compare(a: Task, b: Task, sort: readonly Sort[] = ['-created_at']): number {
  for (const part of sort) {
    const descending = part.startsWith('-')
    const key = (descending ? part.slice(1) : part) as SortKey
    if (key === 'due_at' && Boolean(a.due_at) !== Boolean(b.due_at)) return a.due_at ? -1 : 1
    if (key === 'due_at' && !a.due_at) continue
    const result = compareBy(a, b, key)
    if (result) return descending ? -result : result
  }
  return order(a.id, b.id)
}
