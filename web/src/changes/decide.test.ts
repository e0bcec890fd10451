import { expect, test } from 'vitest'
import type { UpdateTask } from './change'
import { decided } from './decide'
import type { Task } from '@/api/types'

const current = { id: '1', title: 'theirs', priority: 'low', due_at: null, version: 7 } as unknown as Task
const change: UpdateTask = {
  id: 'c',
  user: 'u',
  at: 0,
  kind: 'update-task',
  taskId: '1',
  changes: { title: 'mine', priority: 'high', due_at: '2026-01-01T00:00:00Z' },
  before: { title: 'old', priority: 'medium' },
  version: 3,
}

test('sends one’s own values with what nobody else changed, from the current version', () => {
  expect(decided(change, current, ['title', 'priority'], new Set(['title']))).toEqual({
    changes: { title: 'mine', due_at: '2026-01-01T00:00:00Z' },
    before: { title: 'theirs', due_at: null },
    version: 7,
  })
})

test('has nothing to send if all values of the other are taken', () => {
  const conflict: UpdateTask = { ...change, changes: { title: 'mine' } }
  expect(decided(conflict, current, ['title'], new Set())).toBeUndefined()
})
