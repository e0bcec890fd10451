/** What the search page looks for. It is kept in the address. */

import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import { STATUSES, type Status } from '@/api/types'
import type { TaskQuery } from '@/tasks/query'
import { instant, todayHere } from '@/text/dates'

export const DUE = ['overdue', 'today', 'week', 'month'] as const
export type Due = (typeof DUE)[number]

export interface Filters {
  words: string
  /** The key of a project. */
  project: string
  status: Status[]
  /** Ids of people, `me` or `none`. */
  assignee: string[]
  label: string[]
  due: Due | ''
}

/** As many words as the API takes. */
const MOST_WORDS = 8
const DAYS: Record<Exclude<Due, 'overdue'>, number> = { today: 1, week: 7, month: 30 }

const one = (value: LocationQuery[string] | undefined): string => (Array.isArray(value) ? value[0] : value) ?? ''
/** Labels may have commas: each value is a parameter of its own. */
const many = (value: LocationQuery[string] | undefined): string[] => [value ?? []].flat().filter((item) => item !== null)

/** Reads the filters of an address. What is not understood is left out. */
export function filtersOf(query: LocationQuery): Filters {
  return {
    words: one(query.q),
    project: one(query.project),
    status: STATUSES.filter((status) => many(query.status).includes(status)),
    assignee: many(query.assignee),
    label: many(query.label),
    due: DUE.find((due) => due === query.due) ?? '',
  }
}

const list = (values: string[]) => (values.length ? values : undefined)

/** Returns the address of filters, without the empty ones. */
export function addressOf({ words, project, status, assignee, label, due }: Filters): LocationQueryRaw {
  return {
    q: words.trim() || undefined,
    project: project || undefined,
    status: list(status),
    assignee: list(assignee),
    label: list(label),
    due: due || undefined,
  }
}

/** Whether something is looked for. */
export const isAsked = (filters: Filters): boolean => Object.values(addressOf(filters)).some(Boolean)

/** Returns what to ask the API for. */
export function queryOf(filters: Filters, projectId: string | undefined): TaskQuery {
  const { status, assignee, label, due } = filters
  const words = filters.words.trim().split(/\s+/).slice(0, MOST_WORDS).join(' ')
  const query: TaskQuery = {}
  if (projectId) query.project_id = projectId
  if (status.length) query.status = status
  if (assignee.length) query.assignee_id = assignee
  if (label.length) query.label = label
  if (due === 'overdue') query.overdue = true
  else if (due) {
    // What is due at midnight is due today.
    query.due_after = new Date(Date.parse(instant(todayHere(), 0)) - 1).toISOString()
    query.due_before = instant(todayHere().add({ days: DAYS[due] }), 0)
  }
  // With words, the best match comes first.
  if (words) query.q = words
  else query.sort = due ? ['due_at'] : ['-updated_at']
  return query
}
