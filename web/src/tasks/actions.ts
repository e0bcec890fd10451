/** What a person does with tasks. Each shows at once, is sent by the queue, and can be undone. */

import type { NewTask, Status, Task, TaskChanges } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { findTask, hideTask, showTask } from '@/cache/tasks'
import { type TaskField, unsentId } from '@/changes/change'
import { shown } from '@/changes/fold'
import { enqueue } from '@/changes/queue'
import { offerUndo } from '@/changes/undo'
import { currentUser } from '@/session/session'
import { t } from '@/text'

/** Changes fields of a task. Fields that already have the value are left out. */
export function updateTask(task: Task, changes: TaskChanges, options: { undoable?: boolean } = {}): void {
  const wanted = shown({ changes })
  const fields = (Object.keys(changes) as TaskField[]).filter(
    (field) => JSON.stringify(task[field] ?? null) !== JSON.stringify(wanted[field] ?? null),
  )
  if (!fields.length) return
  const pick = <T extends object>(from: T) =>
    Object.fromEntries(fields.map((field) => [field, (from as Record<string, unknown>)[field] ?? null]))
  const before = pick(task) as Partial<Task>
  const known = findTask(task.id) ?? task
  showTask({ ...known, ...(pick(wanted) as Partial<Task>) })
  void enqueue({ kind: 'update-task', taskId: task.id, changes: pick(changes), before, version: known.version })
  if (options.undoable === false) return
  offerUndo({
    text: sentence(task, changes),
    undo: () => updateTask(findTask(task.id) ?? { ...task, ...wanted }, before as TaskChanges, { undoable: false }),
  })
}

function sentence(task: Task, changes: TaskChanges): string {
  if (changes.status) return t('task-status-changed', { task: task.key || task.title, status: t(`status-${changes.status}`) })
  return t('task-changed', { task: task.key || task.title })
}

/** Completes an open task, and opens a completed one. */
export function toggleDone(task: Task): void {
  const status: Status = task.status === 'done' || task.status === 'cancelled' ? 'todo' : 'done'
  updateTask(task, { status })
}

/** Creates a task, and returns what is shown until the server answers. */
export function createTask(body: NewTask, shownIn: { project_id: string }): Task {
  const now = new Date().toISOString()
  const task: Task = {
    id: unsentId(),
    key: '',
    project_id: shownIn.project_id,
    title: body.title,
    description: body.description ?? '',
    status: body.status ?? 'todo',
    priority: body.priority ?? 'medium',
    due_at: body.due_at ?? null,
    assignee_id: body.assignee_id ?? null,
    parent_id: body.parent_id ?? null,
    labels: body.labels ?? [],
    recurrence: body.recurrence ?? null,
    // Behind every other task, until the server answers.
    rank: '~',
    created_by: currentUser().id,
    created_at: now,
    updated_at: now,
    version: 0,
  }
  showTask(task)
  void enqueue({ kind: 'create-task', task, body })
  return task
}

/** Moves a task to the trash. */
export function deleteTask(task: Task): void {
  hideTask(task.id)
  void enqueue({ kind: 'delete-task', taskId: task.id, title: task.title })
  offerUndo({ text: t('task-deleted', { task: task.key || task.title }), undo: () => restoreTask(task) })
}

/** Brings a task back from the trash. */
export function restoreTask(task: Task): void {
  const restored = { ...task, deleted_at: null }
  showTask(restored)
  void enqueue({ kind: 'restore-task', taskId: task.id, title: task.title })
}

/** Puts a task between two others of its project. `rank` is shown until the server answers. */
export function placeTask(task: Task, place: { before: string | null; after: string | null }, rank: string): void {
  showTask({ ...task, rank })
  void enqueue({ kind: 'rank-task', taskId: task.id, before: place.before, after: place.after, rank })
}

/** Adds a comment. */
export function addComment(taskId: string, body: string): void {
  void enqueue({ kind: 'create-comment', taskId, body })
  void queryClient.invalidateQueries({ queryKey: keys.comments(taskId), refetchType: 'none' })
}
