import 'fake-indexeddb/auto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Status, Task, User } from '@/api/types'
import { setUser } from '@/session/session'
import { aTask } from '@/testing'

/** Lets so many other things happen that wait for their turn, such as a step of a request to IndexedDB. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate)
}

/** A server that has one task. */
let task: Task
async function answer(request: Request): Promise<Response> {
  await turns(2)
  const isCurrent = request.headers.get('If-Match') === `"${task.version}"`
  if (isCurrent) task = { ...task, ...((await request.json()) as Partial<Task>), version: task.version + 1 }
  await turns(2)
  if (isCurrent) return Response.json(task)
  return Response.json({ type: 'about:blank', status: 412, code: 'version_mismatch', current: task }, { status: 412 })
}

beforeAll(() => {
  setUser({ id: 'person-1', name: 'Ann', role: 'user' } as User)
  vi.stubGlobal('fetch', answer)
  // Web Locks are missing here: one after the other.
  let last: Promise<unknown> = Promise.resolve()
  const request = (_name: string, run: () => Promise<unknown>) => (last = last.then(run))
  vi.stubGlobal('navigator', { onLine: true, language: 'en', locks: { request } })
})
afterAll(() => {
  setUser(null)
  vi.unstubAllGlobals()
})

it('takes back what is on its way to the server, at any moment', async () => {
  const { enqueue, unsent } = await import('./queue')
  for (let wait = 0; wait < 40; wait += 1) {
    task = aTask()
    const change = (from: Status, to: Status) =>
      void enqueue({ kind: 'update-task', taskId: task.id, changes: { status: to }, before: { status: from }, version: task.version })
    change('todo', 'done')
    await turns(wait)
    change('done', 'todo')
    do await turns(20)
    while (unsent.value.length)
    await turns(20)
    expect(task.status, `taken back after ${wait} turns`).toBe('todo')
  }
})
