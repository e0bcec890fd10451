import type { Task } from '@/api/types'

let last = 0

/** Returns a task for unit tests. */
export function aTask(fields: Partial<Task> = {}): Task {
  last += 1
  return {
    id: `task-${last}`,
    key: `WEB-${last}`,
    project_id: 'project-1',
    title: `Task ${last}`,
    description: '',
    status: 'todo',
    priority: 'medium',
    due_at: null,
    assignee_id: null,
    parent_id: null,
    labels: [],
    recurrence: null,
    rank: String(last).padStart(10, '0'),
    created_by: 'person-1',
    created_at: '2026-11-01T09:00:00Z',
    updated_at: '2026-11-01T09:00:00Z',
    version: 1,
    ...fields,
  }
}
