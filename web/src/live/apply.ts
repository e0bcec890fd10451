/** Puts changes of a project into everything that shows them. */

import type { FeedItem, Task } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { showReadTask } from '@/cache/read-task'
import { findTask, showTask } from '@/cache/tasks'
import { overlay } from '@/changes/queue'
import type { TaskQuery } from '@/tasks/query'

/** More tasks than this changed at once: the lists are read again. */
const FEW = 20
/** Reads what several changes make stale once. */
const SOON_MS = 100

const stale = new Map<string, readonly unknown[]>()
let timer: ReturnType<typeof setTimeout> | undefined

/** Reads this again soon, if it is shown. */
function readSoon(...queryKeys: (readonly unknown[])[]): void {
  for (const key of queryKeys) stale.set(JSON.stringify(key), key)
  timer ??= setTimeout(() => {
    timer = undefined
    const all = [...stale.values()]
    stale.clear()
    for (const queryKey of all) void queryClient.invalidateQueries({ queryKey })
  }, SOON_MS)
}

/** Reads everything of these projects again that was read before `since`, in milliseconds. */
export function readAgain(projectIds: ReadonlySet<string>, since: number): void {
  const isOld = (query: { state: { dataUpdatedAt: number } }) => query.state.dataUpdatedAt < since
  const concerns = (projectId: string | undefined) => !projectId || projectIds.has(projectId)
  void queryClient.invalidateQueries({
    queryKey: keys.anyTasks,
    predicate: (query) => isOld(query) && concerns((query.queryKey[1] as TaskQuery).project_id),
  })
  void queryClient.invalidateQueries({
    queryKey: keys.anyTask,
    predicate: (query) => isOld(query) && concerns((query.state.data as Task | undefined)?.project_id),
  })
  readSoon(keys.anyTaskCount, keys.anyComments, keys.projects)
}

/** Shows a change. */
export function apply(projectId: string, item: FeedItem & { truncated?: boolean }): void {
  if (item.comment) readSoon(keys.comments(item.comment.task_id))
  else if (item.task) applyToTask(item.task, item.truncated)
  else applyToProject(projectId, item)
}

function applyToTask(task: NonNullable<FeedItem['task']>, truncated = false): void {
  // A message is limited to 32 KB: a longer description is read over HTTP.
  if (truncated) void showReadTask(task.id)
  else if ('version' in task) {
    const mine = overlay(task)
    if (mine) showTask(mine)
  } else if (findTask(task.id)) {
    // It went away, and may be there again: the message can come after what brought it back.
    void showReadTask(task.id)
  }
  readSoon(keys.activity(task.id), keys.anyTaskCount, keys.projects)
}

function applyToProject(projectId: string, item: FeedItem): void {
  if (item.event === 'project_updated' || item.event === 'members_changed') readSoon(keys.members(projectId))
  readSoon(keys.projects, keys.anyTaskCount, keys.anyLabels)
  if (item.ids) void readTasks(item.ids)
  else if (item.event === 'deleted' || item.event === 'restored') readAgain(new Set([projectId]), Date.now())
}

async function readTasks(ids: string[]): Promise<void> {
  if (ids.length > FEW) return readSoon(keys.anyTasks, keys.anyTask)
  await Promise.all(ids.map(showReadTask))
}
