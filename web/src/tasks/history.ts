/** What happened to a task, in words. */

import { recurrenceInWords } from './recurrence'
import type { Activity, Recurrence } from '@/api/types'
import { hasText, t } from '@/text'

/** How ids and times are shown. */
export interface Names {
  person: (id: string) => string
  project: (id: string) => string | undefined
  task: (id: string) => string | undefined
  time: (time: string) => string
}

type Field = Activity['changes'][number]

/** The texts of the fields that are not named after them. */
const FIELD: Record<string, string> = {
  assignee_id: 'assignee',
  due_at: 'due',
  project_id: 'project',
  parent_id: 'tasks-parent',
  recurrence: 'tasks-repeat',
}

/** Returns the name of a field in the person's language. */
export function fieldName(field: string): string {
  const id = FIELD[field] ?? field
  return hasText(id) ? t(id) : field
}

/** Returns the value of a field in words. */
export function valueInWords(field: string, of: unknown, names: Names): string {
  if (of === null || of === undefined || of === '' || (Array.isArray(of) && !of.length))
    return field === 'assignee_id' ? t('assignee-none') : t('tasks-history-nothing')
  if (field === 'labels' && Array.isArray(of)) return of.join(', ')
  if (field === 'recurrence') return recurrenceInWords(of as Recurrence)
  if (typeof of !== 'string') return JSON.stringify(of)
  switch (field) {
    case 'status':
    case 'priority':
      return hasText(`${field}-${of}`) ? t(`${field}-${of}`) : of
    case 'assignee_id':
      return names.person(of)
    case 'due_at':
    case 'completed_at':
      return names.time(of)
    case 'project_id':
      return names.project(of) ?? t('tasks-history-another-project')
    case 'parent_id':
      return names.task(of) ?? t('tasks-history-another-task')
    default:
      return of
  }
}

/** Returns what one field changed to, from what. */
export function changeInWords({ field, from, to }: Field, names: Names): string {
  // Long texts are not repeated.
  if (field === 'description' || field === 'body') return `${fieldName('description')}: ${t('tasks-history-text-changed')}`
  return t('tasks-history-from-to', {
    field: fieldName(field),
    from: valueInWords(field, from, names),
    to: valueInWords(field, to, names),
  })
}

export interface Event {
  id: string
  actor: string
  at: string
  /** What was done: "changed the status". */
  what: string
  /** Each changed field, from what to what. */
  changes: string[]
}

/** Returns an entry of the history in words. What a new task began with is not listed. */
export function eventOf(activity: Activity, names: Names): Event {
  const listed = activity.kind === 'created' || activity.kind.startsWith('comment') ? [] : activity.changes
  return {
    id: activity.id,
    actor: activity.actor_id,
    at: activity.created_at,
    what: t(`tasks-history-${activity.kind}`),
    changes: listed.filter(({ field }) => field !== 'completed_at').map((change) => changeInWords(change, names)),
  }
}
