/** Sends changes in the order in which they were made, also later, when the connection is back. */

import { createStore, get, update } from 'idb-keyval'
import { computed, shallowRef } from 'vue'
import { type Change, type Held, type NewChange, isUnsent, taskOf } from './change'
import { fold, shown } from './fold'
import { heldBy, showRefusal } from './refused'
import { createdTask, showResult } from './result'
import { Conflict, send } from './send'
import { Problem } from '@/api/problem'
import type { Task } from '@/api/types'
import { findTask, hideTask, showTask } from '@/cache/tasks'
import { currentUser, me } from '@/session/session'

const store = createStore('taskbell-changes', 'changes')
const KEY = 'waiting'
const DAY_MS = 24 * 60 * 60 * 1000
const RETRY_MS = 5_000

type Edit = (list: Change[]) => Change[]

const waiting = shallowRef<Change[]>([])
/** Edits of the list that are on their way to IndexedDB. */
const edits: Edit[] = []
/** Whether IndexedDB refused to store something: then this page's own list is the truth. */
let unstored = false
let timer: ReturnType<typeof setTimeout> | undefined

/** The changes of the person that the server does not have yet, oldest first. */
export const unsent = computed(() => waiting.value.filter((change) => change.user === me.value?.id))
/** Those that wait for a decision. */
export const held = computed(() => unsent.value.filter((change) => change.held))
/** Whether changes wait because the server cannot be reached. */
export const isWaiting = shallowRef(false)

/** Changes the list, and returns it as it is stored. Another tab may have added or sent some: the stored list is the truth. */
async function edit(change: Edit): Promise<Change[]> {
  edits.push(change)
  waiting.value = change(waiting.value)
  let result = waiting.value
  if (!unstored)
    await update<Change[]>(KEY, (stored) => (result = change(stored ?? [])), store).catch(() => {
      unstored = true
      result = waiting.value
    })
  edits.splice(edits.indexOf(change), 1)
  if (!unstored) show(result)
  return result
}

/** Shows the stored list with the edits that are not stored yet. */
const show = (stored: Change[]): void => void (waiting.value = edits.reduce((list, change) => change(list), stored))

async function read(): Promise<void> {
  const stored = unstored ? undefined : await get<Change[]>(KEY, store).catch(() => undefined)
  if (stored) show(stored)
}

/** Adds a change, and sends it as soon as possible. */
export async function enqueue(change: NewChange): Promise<void> {
  // What comes from a component is wrapped by Vue, and IndexedDB takes only what is plain.
  const plain = ofCreated(JSON.parse(JSON.stringify(change)) as NewChange)
  const complete = { ...plain, id: crypto.randomUUID(), user: currentUser().id, at: Date.now() } as Change
  await edit((list) => fold(list, complete))
  void flush()
}

/** Changes the created task if the server has answered since the person saw an unsent one. */
function ofCreated(change: NewChange): NewChange {
  const task = change.kind !== 'create-task' && createdTask(change.taskId)
  if (!task) return change
  return change.kind === 'update-task' ? { ...change, taskId: task.id, version: task.version } : { ...change, taskId: task.id }
}

/** Reads what an earlier visit left, shows and sends it. */
export async function resumeChanges(): Promise<void> {
  await read()
  // The tasks may have been stored before the last changes of them.
  for (const id of new Set(unsent.value.map(taskOf))) {
    const task = findTask(id)
    const mine = task && overlay(task)
    if (mine) showTask(mine)
    else if (task) hideTask(id)
  }
  void flush()
}

/** Sends what waits. One tab sends at a time. Changes older than a day wait for a decision. */
export async function flush(): Promise<void> {
  clearTimeout(timer)
  if (!navigator.onLine) {
    isWaiting.value = true
    return
  }
  await navigator.locks.request('taskbell.changes', async () => {
    for (;;) {
      // Another tab may have sent some of what this one shows as unsent.
      const list = await refreshed()
      const blocked = new Set(list.filter((change) => change.held).map(taskOf))
      const isBlocked = (c: Change) =>
        blocked.has(taskOf(c)) || (c.kind === 'create-task' && blocked.has(c.body.parent_id ?? ''))
      const next = list.find((c) => !c.held && !isBlocked(c))
      if (!next) {
        isWaiting.value = false
        return
      }
      if (next.at < Date.now() - DAY_MS) await holdOld()
      else if (!(await attempt(next))) return
    }
  })
}

/** Reads the waiting changes. Hides the unsent tasks that another tab has sent: it shows the created ones. */
async function refreshed(): Promise<Change[]> {
  const before = unsent.value
  await read()
  const ids = new Set(waiting.value.map(({ id }) => id))
  for (const change of before) if (change.kind === 'create-task' && !ids.has(change.id)) hideTask(change.task.id)
  return unsent.value
}

async function holdOld(): Promise<void> {
  const old = Date.now() - DAY_MS
  const isOld = (change: Change) => change.at < old && !change.held
  await edit((list) => list.map((change) => (isOld(change) ? { ...change, held: { reason: 'old' } } : change)))
}

/** Sends one change. Returns whether the next one may be sent. */
async function attempt({ id }: Change): Promise<boolean> {
  const list = await edit((before) => before.map((one) => (one.id === id ? { ...one, tried: true } : one)))
  // Since it was read, another change may have become part of it, or taken it back.
  const change = list.find((one) => one.id === id)
  if (!change) return true
  try {
    const result = await send(change)
    // Removes the change before its result is shown: else a created task would be shown twice.
    const stored = edit((before) => afterSuccess(before, change, result))
    showResult(change, result && (overlay(result) ?? undefined))
    await stored
    isWaiting.value = false
    return true
  } catch (error) {
    // Only the server's word ends a change. Whatever else goes wrong, it is sent again.
    const isRefused = error instanceof Problem && !error.isTemporary && error.status !== 401
    if (!isRefused && !(error instanceof Conflict)) {
      isWaiting.value = true
      timer = setTimeout(() => void flush(), error instanceof Problem ? (error.retryAfter ?? 5) * 1000 : RETRY_MS)
      return false
    }
    const hold = heldBy(change, error)
    await edit((before) => before.flatMap((c) => (c.id !== id ? [c] : hold ? [{ ...c, held: hold }] : [])))
    showRefusal(change, error)
    return true
  }
}

/** Removes a sent change. Those that follow get the task's id and version, which they could not know. */
function afterSuccess(list: Change[], sent: Change, task: Task | undefined): Change[] {
  const rest = list.filter(({ id }) => id !== sent.id)
  if (!task) return rest
  const former = taskOf(sent)
  return rest.map((change) => {
    if (change.kind === 'create-task' && isUnsent(former) && change.body.parent_id === former)
      return { ...change, body: { ...change.body, parent_id: task.id } }
    if (taskOf(change) !== former || change.kind === 'create-task') return change
    if (change.kind === 'update-task') return { ...change, taskId: task.id, version: task.version }
    return { ...change, taskId: task.id }
  })
}

/** Sends a held change again, with what the person decided. */
export async function release(change: Change, decided: Partial<Change> = {}): Promise<void> {
  await edit((list) =>
    list.map((other) =>
      other.id === change.id ? ({ ...other, ...decided, at: Date.now(), tried: undefined, held: undefined } as Change) : other,
    ),
  )
  void flush()
}

/** Gives up changes that were not sent. */
export async function discard(...changes: Change[]): Promise<void> {
  const ids = new Set(changes.map(({ id }) => id))
  await edit((list) => list.filter(({ id }) => !ids.has(id)))
}

/** Returns the task as it will be when the waiting changes are sent; `null` if it will be in the trash. */
export function overlay(task: Task): Task | null {
  let result = task
  let deleted = false
  for (const change of unsent.value) {
    if (change.held || taskOf(change) !== task.id) continue
    if (change.kind === 'delete-task') deleted = true
    if (change.kind === 'restore-task') {
      deleted = false
      result = { ...result, deleted_at: null }
    }
    if (change.kind === 'update-task') result = { ...result, ...shown(change) }
    if (change.kind === 'rank-task' && change.rank) result = { ...result, rank: change.rank }
  }
  return deleted ? null : result
}

/** Whether the person brought the task back from the trash, and the server does not know it yet. */
export const isComingBack = (taskId: string): boolean =>
  unsent.value.some((change) => change.kind === 'restore-task' && change.taskId === taskId && !change.held)

export type { Change, Held }

addEventListener('online', () => void flush())
