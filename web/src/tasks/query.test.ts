import { describe, expect, it } from 'vitest'
import { compare, matches, parameters } from './query'
import { aTask } from '@/testing'

const NOW = Date.parse('2026-11-27T12:00:00Z')

describe('parameters', () => {
  it('separates values by commas, and quotes those that have one', () => {
    expect(parameters({ status: ['todo', 'done'], label: ['rock, paper', 'a "b"', 'c'] })).toMatchObject({
      status: 'todo,done',
      label: '"rock, paper","a ""b""",c',
    })
  })

  it('leaves out what is not asked for', () => {
    const set = Object.entries(parameters({ status: [], q: '' })).filter(([, value]) => value !== undefined)
    expect(set).toEqual([])
  })
})

describe('matches', () => {
  const task = aTask({ labels: ['Urgent'], assignee_id: 'ann', due_at: '2026-11-27T10:00:00Z' })

  it.each([
    [{}, true],
    [{ project_id: 'project-2' }, false],
    [{ status: ['done' as const] }, false],
    [{ assignee_id: ['me'] }, true],
    [{ assignee_id: ['none'] }, false],
    [{ assignee_id: ['none', 'ann'] }, true],
    [{ label: ['urgent', 'other'] }, true],
    [{ label: ['other'] }, false],
    [{ due_before: '2026-11-27T10:00:00Z' }, false],
    [{ due_after: '2026-11-27T10:00:00Z' }, true],
    [{ overdue: true }, true],
    [{ overdue: false }, false],
    [{ deleted: true }, false],
    [{ parent_id: 'none' }, true],
    [{ q: 'words' }, undefined],
    [{ q: 'words', status: ['done' as const] }, false],
  ])('%j is %s', (query, expected) => {
    expect(matches(task, query, 'ann', NOW)).toBe(expected)
  })
})

describe('compare', () => {
  it('puts tasks without a date last, either way', () => {
    const [dated, undated] = [aTask({ due_at: '2026-11-27T10:00:00Z' }), aTask()]
    expect(compare(dated, undated, ['due_at'])).toBeLessThan(0)
    expect(compare(dated, undated, ['-due_at'])).toBeLessThan(0)
  })

  it('compares ranks byte by byte', () => {
    expect(compare(aTask({ rank: '0000000001Z' }), aTask({ rank: '0000000001a' }), ['rank'])).toBeLessThan(0)
  })

  it('goes on with the next key', () => {
    const [high, low] = [aTask({ priority: 'high', title: 'B' }), aTask({ priority: 'high', title: 'A' })]
    expect(compare(high, low, ['-priority', 'title'])).toBeGreaterThan(0)
  })
})
