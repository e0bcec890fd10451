import { describe, expect, it } from 'vitest'
import { merge } from './merge'
import { aTask } from '@/testing'

describe('merge', () => {
  it('sends what nobody else changed', () => {
    const current = aTask({ title: 'Theirs', status: 'todo' })
    expect(merge({ status: 'done' }, { status: 'todo' }, current)).toEqual({ changes: { status: 'done' }, conflicts: [] })
  })

  it('asks about a field that both changed', () => {
    const current = aTask({ title: 'Theirs', status: 'todo' })
    const merged = merge({ title: 'Mine', status: 'done' }, { title: 'Before', status: 'todo' }, current)
    expect(merged).toEqual({ changes: { status: 'done' }, conflicts: ['title'] })
  })

  it('has nothing to do if both made the same change', () => {
    const current = aTask({ status: 'done', labels: ['a', 'b'] })
    const merged = merge({ status: 'done', labels: ['a', 'b'] }, { status: 'todo', labels: [] }, current)
    expect(merged).toEqual({ changes: {}, conflicts: [] })
  })

  it('compares instants, however they are written', () => {
    const current = aTask({ due_at: '2026-12-01T09:00:00Z' })
    const next = '2026-12-02T09:00:00.000Z'
    expect(merge({ due_at: next }, { due_at: '2026-12-01T09:00:00.000Z' }, current)).toEqual({ changes: { due_at: next }, conflicts: [] })
  })

  it('compares a cleared field with an empty one', () => {
    expect(merge({ description: null }, { description: 'x' }, aTask({ description: '' })).changes).toEqual({})
    expect(merge({ due_at: null }, { due_at: '2026-12-01T09:00:00Z' }, aTask({ due_at: null })).changes).toEqual({})
  })
})
