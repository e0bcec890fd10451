/** Changes that a person made and the server does not have yet. */

import type { NewTask, Task, TaskChanges } from '@/api/types'

interface Common {
  /** Identifies the change here, and is the `Idempotency-Key` of a creation. */
  id: string
  /** Who made it. */
  user: string
  /** When, in milliseconds. */
  at: number
  /** Whether it was sent, and the server may have it: then it is sent again as it is, and no other change becomes part of it. */
  tried?: boolean
  /** Why it waits for a decision of the person and is not sent. */
  held?: Held
}

/** Why a change is not sent: it is old, it was refused, or someone else changed the same fields. */
export interface Held {
  reason: 'old' | 'refused' | 'conflict'
  /** What the server said. */
  detail?: string
  /** With `conflict`: the task as it is on the server, and the fields that both changed. */
  current?: Task
  fields?: TaskField[]
}

/** The fields of a task that a person changes. */
export type TaskField = keyof TaskChanges

export interface CreateTask extends Common {
  kind: 'create-task'
  /** What is shown until the server answers; its id begins with `new-`. */
  task: Task
  body: NewTask
}

export interface UpdateTask extends Common {
  kind: 'update-task'
  taskId: string
  changes: TaskChanges
  /** The values of these fields before the change, for merging and taking back. */
  before: Partial<Task>
  /** The version that was changed. */
  version: number
}

export interface DeleteTask extends Common {
  kind: 'delete-task'
  taskId: string
  title: string
}

export interface RestoreTask extends Common {
  kind: 'restore-task'
  taskId: string
  title: string
}

export interface RankTask extends Common {
  kind: 'rank-task'
  taskId: string
  /** Stands directly before this task. */
  before: string | null
  /** Stands directly behind this task. */
  after: string | null
  /** Shown until the server answers. */
  rank?: string
}

export interface CreateComment extends Common {
  kind: 'create-comment'
  taskId: string
  body: string
}

export type Change = CreateTask | UpdateTask | DeleteTask | RestoreTask | RankTask | CreateComment

/** A change as it is made: without what the queue adds. */
export type NewChange = Change extends infer C ? (C extends Change ? Omit<C, 'id' | 'user' | 'at' | 'tried' | 'held'> : never) : never

const UNSENT = 'new-'

/** Returns an id for a task that the server does not have yet. */
export const unsentId = (): string => `${UNSENT}${crypto.randomUUID()}`
/** Whether the server does not have the task yet. */
export const isUnsent = (taskId: string): boolean => taskId.startsWith(UNSENT)
/** Returns the task that the change is about. */
export const taskOf = (change: Change): string => (change.kind === 'create-task' ? change.task.id : change.taskId)
