/** How a project is shown: as a list or a board, in which groups and order, and which tasks. It lives in the address. */

import { PRIORITIES, STATUSES, type Priority, type Status } from '@/api/types'
import { OPEN, type Sort, type TaskQuery } from '@/tasks/query'

export type View = 'list' | 'board'
export type Group = 'status' | 'assignee' | 'priority' | 'label' | 'none'

export interface ViewState {
  view: View
  group: Group
  sort: Sort
  /** `undefined` is the default: open tasks, or on a board of statuses all. Empty is every status. */
  status?: Status[]
  priority: Priority[]
  /** Ids, `me` or `none`. */
  assignee: string[]
  label: string[]
  /** Words. */
  q: string
}

/** A query of an address, as vue-router gives and takes it. */
export type AddressQuery = Record<string, string | null | undefined | (string | null)[]>

export const GROUPS: readonly Group[] = ['status', 'assignee', 'priority', 'label', 'none']
/** The orders of a list, in the direction that one wants first. */
export const SORTS: readonly Sort[] = ['rank', 'due_at', '-priority', '-created_at', '-updated_at', 'title']

export const DEFAULT_VIEW: ViewState = {
  view: 'list',
  group: 'status',
  sort: 'rank',
  priority: [],
  assignee: [],
  label: [],
  q: '',
}

const NAMES = ['view', 'group', 'sort', 'status', 'priority', 'assignee', 'label', 'q'] as const
/** Stands for every status: the absence of the parameter is the default. */
const ALL = 'all'

const known = <T extends string>(values: readonly T[], value: string | null | undefined): T | undefined =>
  values.find((other) => other === value)
const list = <T extends string>(values: readonly T[]): T[] | undefined => (values.length ? [...values] : undefined)

/** Whether the address says how to show the project. */
export const hasView = (query: AddressQuery): boolean => NAMES.some((name) => query[name] !== undefined)

/** Reads the state from an address. What is unknown is left out. */
export function fromQuery(query: AddressQuery): ViewState {
  const one = (name: string) => [query[name]].flat().find((value) => typeof value === 'string')
  const many = (name: string) => [query[name]].flat().filter((value) => typeof value === 'string' && value !== '') as string[]
  const statuses = many('status')
  const sort = one('sort')
  const view = known(['list', 'board'] as const, one('view')) ?? DEFAULT_VIEW.view
  const group = known(GROUPS, one('group')) ?? DEFAULT_VIEW.group
  return {
    view,
    // A board of one column is a list.
    group: view === 'board' && group === 'none' ? DEFAULT_VIEW.group : group,
    sort: sort && SORTS.some((other) => plain(other) === plain(sort)) ? (sort as Sort) : DEFAULT_VIEW.sort,
    status: statuses.length ? STATUSES.filter((status) => statuses.includes(status)) : undefined,
    priority: PRIORITIES.filter((priority) => many('priority').includes(priority)),
    assignee: many('assignee'),
    label: many('label'),
    q: one('q') ?? '',
  }
}

/** Returns the parameters of an address. What is as by default is left out. */
export function toQuery(state: ViewState): AddressQuery {
  const query: AddressQuery = {
    view: state.view === DEFAULT_VIEW.view ? undefined : state.view,
    group: state.group === DEFAULT_VIEW.group ? undefined : state.group,
    sort: state.sort === DEFAULT_VIEW.sort ? undefined : state.sort,
    status: state.status && (list(state.status) ?? ALL),
    priority: list(state.priority),
    assignee: list(state.assignee),
    label: list(state.label),
    q: state.q || undefined,
  }
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))
}

/** Returns the parameters of an address that have nothing to do with the view, such as the open task. */
export const otherQuery = (query: AddressQuery): AddressQuery =>
  Object.fromEntries(Object.entries(query).filter(([name]) => !(NAMES as readonly string[]).includes(name)))

/** Returns the key of an order without its direction. */
export const plain = (sort: string): string => sort.replace(/^-/, '')

/** Returns the same order, turned round. */
export const reversed = (sort: Sort): Sort => (sort.startsWith('-') ? sort.slice(1) : `-${sort}`) as Sort

const isStatusBoard = (state: ViewState): boolean => state.view === 'board' && state.group === 'status'

/** Returns the statuses that are shown. */
export function shownStatuses(state: ViewState): readonly Status[] {
  if (state.status) return state.status.length ? state.status : STATUSES
  return isStatusBoard(state) ? STATUSES : OPEN
}

/** Returns the state with these statuses. The default ones and all are written as such. */
export function withStatuses(state: ViewState, statuses: readonly Status[]): ViewState {
  const ordinary = shownStatuses({ ...state, status: undefined })
  const same = (other: readonly Status[]) => other.length === statuses.length && other.every((one) => statuses.includes(one))
  if (same(ordinary)) return { ...state, status: undefined }
  return { ...state, status: same(STATUSES) ? [] : STATUSES.filter((status) => statuses.includes(status)) }
}

/** Returns how many filters leave tasks out that are shown by default. */
export const countFilters = (state: ViewState): number =>
  [state.status, state.priority.length, state.assignee.length, state.label.length, state.q].filter(Boolean).length

/** Returns what to ask for: all tasks of the view, or those of one group. */
export function queryOf(state: ViewState, projectId: string, group?: { by: Group; id: string }): TaskQuery {
  const statuses = shownStatuses(state)
  const query: TaskQuery = {
    project_id: projectId,
    status: statuses.length === STATUSES.length ? undefined : [...statuses],
    priority: list(state.priority),
    assignee_id: list(state.assignee),
    label: list(state.label),
    q: state.q || undefined,
    sort: state.view === 'board' ? ['rank'] : [state.sort],
  }
  switch (group?.by) {
    case 'status':
      return { ...query, status: [group.id as Status] }
    case 'priority':
      return { ...query, priority: [group.id as Priority] }
    case 'assignee':
      return { ...query, assignee_id: [group.id] }
    case 'label':
      return { ...query, label: [group.id] }
    default:
      return query
  }
}
