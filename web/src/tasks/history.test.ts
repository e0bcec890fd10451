import { expect, test } from 'vitest'
import { type Names, eventOf } from './history'
import type { Activity } from '@/api/types'

const names: Names = {
  person: (id) => ({ a: 'Ada', b: 'Bob' })[id] ?? id,
  project: (id) => (id === 'p' ? 'Website' : undefined),
  task: () => undefined,
  time: (time) => time.slice(0, 10),
}
const activity = (kind: Activity['kind'], ...changes: Activity['changes']): Activity => ({
  id: '1',
  task_id: 't',
  actor_id: 'a',
  kind,
  changes,
  created_at: '2026-11-27T10:00:00Z',
})
const said = (field: string, from: unknown, to: unknown) =>
  eventOf(activity('updated', { field, from, to }), names).changes[0]

test('says from what to what, in words', () => {
  expect(said('status', 'todo', 'in_progress')).toBe('Status: To do → In progress')
  expect(said('assignee_id', null, 'b')).toBe('Assignee: Nobody → Bob')
  expect(said('due_at', '2026-11-25T16:00:00Z', null)).toBe('Due: 2026-11-25 → empty')
  expect(said('labels', ['a', 'b'], [])).toBe('Labels: a, b → empty')
  expect(said('project_id', 'p', 'hidden')).toBe('Project: Website → another project')
  expect(said('parent_id', null, 'x')).toBe('Part of: empty → a task')
  expect(said('recurrence', null, { rrule: 'FREQ=DAILY', time_zone: 'UTC' })).toBe('Repeats: empty → Every day')
})

test('does not repeat long texts, and leaves out what follows from the status', () => {
  expect(said('description', 'a', 'b')).toBe('Description: the text was changed')
  const done = { field: 'completed_at', from: null, to: '2026-11-27T10:00:00Z' }
  expect(eventOf(activity('status_changed', done), names).changes).toEqual([])
})

test('lists no fields of a new task or a comment', () => {
  const event = eventOf(activity('created', { field: 'title', from: null, to: 'x' }), names)
  expect(event).toMatchObject({ actor: 'a', what: 'created the task', changes: [] })
  expect(eventOf(activity('commented', { field: 'comment', from: null, to: 'x' }), names).changes).toEqual([])
})
