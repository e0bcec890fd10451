import { describe, expect, it } from 'vitest'
import {
  DEFAULT_VIEW,
  type ViewState,
  countFilters,
  fromQuery,
  hasView,
  otherQuery,
  queryOf,
  reversed,
  shownStatuses,
  toQuery,
  withStatuses,
} from './view-state'

const full: ViewState = {
  view: 'board',
  group: 'assignee',
  sort: '-due_at',
  status: ['done'],
  priority: ['low', 'urgent'],
  assignee: ['me', 'none'],
  label: ['rock, paper', 'a/b'],
  q: 'two words',
}

describe('the view in the address', () => {
  it('is left out as long as it is the default', () => {
    expect(toQuery(DEFAULT_VIEW)).toEqual({})
    expect(fromQuery({})).toEqual({ ...DEFAULT_VIEW, status: undefined })
  })

  it('comes back as it was', () => {
    expect(fromQuery(toQuery(full))).toEqual(full)
    const every = { ...DEFAULT_VIEW, status: [] }
    expect(toQuery(every)).toEqual({ status: 'all' })
    expect(fromQuery(toQuery(every))).toEqual(every)
  })

  it('leaves out what it does not know', () => {
    const odd = { view: 'tree', group: 'colour', sort: 'size', status: 'todo', priority: ['huge', 'high'], q: null }
    expect(fromQuery(odd)).toEqual({ ...DEFAULT_VIEW, status: ['todo'], priority: ['high'] })
  })

  it('has no board without columns', () => {
    expect(fromQuery({ view: 'board', group: 'none' }).group).toBe('status')
    expect(fromQuery({ group: 'none' }).group).toBe('none')
  })

  it('is told apart from the open task', () => {
    expect(hasView({ task: 'WEB-1' })).toBe(false)
    expect(hasView({ task: 'WEB-1', view: 'board' })).toBe(true)
    expect(otherQuery({ task: 'WEB-1', view: 'board', q: 'x' })).toEqual({ task: 'WEB-1' })
  })
})

describe('statuses', () => {
  const board: ViewState = { ...DEFAULT_VIEW, view: 'board' }

  it('are the open ones in a list, and all on a board of statuses', () => {
    expect(shownStatuses(DEFAULT_VIEW)).toEqual(['todo', 'in_progress'])
    expect(shownStatuses(board)).toHaveLength(4)
    expect(shownStatuses({ ...board, group: 'label' })).toEqual(['todo', 'in_progress'])
  })

  it('are written as default and as all', () => {
    expect(withStatuses(DEFAULT_VIEW, ['in_progress', 'todo']).status).toBeUndefined()
    expect(withStatuses(DEFAULT_VIEW, ['cancelled', 'done', 'in_progress', 'todo']).status).toEqual([])
    expect(withStatuses(board, ['todo', 'in_progress', 'done', 'cancelled']).status).toBeUndefined()
    expect(withStatuses(DEFAULT_VIEW, ['done', 'todo']).status).toEqual(['todo', 'done'])
  })

  it('count as a filter only if they are not the default', () => {
    expect(countFilters(DEFAULT_VIEW)).toBe(0)
    expect(countFilters({ ...DEFAULT_VIEW, status: [], q: 'x' })).toBe(2)
  })
})

describe('the tasks of a view', () => {
  it('are those of the filters', () => {
    expect(queryOf({ ...full, view: 'list' }, 'p')).toEqual({
      project_id: 'p',
      status: ['done'],
      priority: ['low', 'urgent'],
      assignee_id: ['me', 'none'],
      label: ['rock, paper', 'a/b'],
      q: 'two words',
      sort: ['-due_at'],
    })
  })

  it('are in own order on a board, whatever the list is sorted by', () => {
    expect(queryOf(full, 'p', { by: 'assignee', id: 'none' })).toMatchObject({ assignee_id: ['none'], sort: ['rank'] })
  })

  it('can be turned round', () => {
    expect(reversed('due_at')).toBe('-due_at')
    expect(reversed('-due_at')).toBe('due_at')
  })
})
