import { describe, expect, it } from 'vitest'
import { addressOf, filtersOf, isAsked, queryOf } from './filters'

describe('filters in the address', () => {
  it('are the same after writing and reading', () => {
    const filters = filtersOf({ q: 'renew tls', project: 'WEB', status: ['todo', 'done'], assignee: 'me', label: ['a,b', 'c'], due: 'week' })
    expect(filters).toEqual({ words: 'renew tls', project: 'WEB', status: ['todo', 'done'], assignee: ['me'], label: ['a,b', 'c'], due: 'week' })
    expect(filtersOf(JSON.parse(JSON.stringify(addressOf(filters))))).toEqual(filters)
  })

  it('leave out what is not understood', () => {
    const filters = filtersOf({ q: null, status: ['nope', null], due: 'never', task: 'WEB-42' })
    expect(isAsked(filters)).toBe(false)
    expect(Object.values(addressOf(filters)).filter(Boolean)).toEqual([])
  })
})

describe('the query', () => {
  const empty = filtersOf({})

  it('is sorted by the server if there are words, which takes eight of them', () =>
    expect(queryOf({ ...empty, words: ' a b c d e f g h i ' }, undefined)).toEqual({ q: 'a b c d e f g h' }))

  it('begins with today', () => {
    const { due_after, due_before, sort } = queryOf({ ...empty, due: 'week' }, 'p')
    expect(Date.parse(due_before!) - Date.parse(due_after!)).toBeGreaterThanOrEqual(7 * 24 * 3_600_000 - 3_600_000)
    expect(Date.parse(due_after!)).toBeLessThanOrEqual(Date.now())
    expect(sort).toEqual(['due_at'])
  })
})
