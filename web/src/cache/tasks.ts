/** Puts changed tasks into everything that shows them. */

import type { InfiniteData } from '@tanstack/vue-query'
import { keys } from './keys'
import { queryClient } from './query-client'
import type { Page, Task } from '@/api/types'
import { me } from '@/session/session'
import { type TaskQuery, compare, matches } from '@/tasks/query'

export type TaskPages = InfiniteData<Page<Task>>

/** Keeps what the feed does not say because it depends on who reads: whether one watches the task. */
function merged(known: Task, task: Task): Task {
  return { ...task, watching: task.watching ?? known.watching, muted: task.muted ?? known.muted }
}

/** Shows the task everywhere. An older version than the shown one changes nothing. */
export function showTask(task: Task): void {
  queryClient.setQueriesData<Task>({ queryKey: keys.anyTask }, (known) =>
    known?.id === task.id && known.version <= task.version ? merged(known, task) : known,
  )
  for (const [key, pages] of queryClient.getQueriesData<TaskPages>({ queryKey: keys.anyTasks })) {
    if (!pages) continue
    const query = key[1] as TaskQuery
    const next = withTask(pages, query, task)
    if (next === 'unknown') void queryClient.invalidateQueries({ queryKey: key, exact: true })
    else if (next !== pages) queryClient.setQueryData(key, next)
  }
}

/** Removes the task from everything that shows it. */
export function hideTask(id: string): void {
  queryClient.setQueriesData<TaskPages>({ queryKey: keys.anyTasks }, (pages) => pages && without(pages, id))
}

/** Returns a task that is shown somewhere, by its id or key. */
export function findTask(ref: string): Task | undefined {
  if (!ref) return undefined
  const isIt = (task?: Task) => task?.id === ref || task?.key === ref
  for (const [, task] of queryClient.getQueriesData<Task>({ queryKey: keys.anyTask })) if (isIt(task)) return task
  for (const [, pages] of queryClient.getQueriesData<TaskPages>({ queryKey: keys.anyTasks })) {
    for (const page of pages?.pages ?? []) {
      const found = page.items.find(isIt)
      if (found) return found
    }
  }
  return undefined
}

function without(pages: TaskPages, id: string): TaskPages {
  if (!pages.pages.some((page) => page.items.some((task) => task.id === id))) return pages
  return {
    ...pages,
    pages: pages.pages.map((page) => ({ ...page, items: page.items.filter((task) => task.id !== id) })),
  }
}

/** Returns the pages with the task in its place, or `unknown` if only the server can say whether it belongs there. */
export function withTask(pages: TaskPages, query: TaskQuery, task: Task): TaskPages | 'unknown' {
  const known = pages.pages.flatMap((page) => page.items).find((item) => item.id === task.id)
  if (known && known.version > task.version) return pages
  const shown = known ? merged(known, task) : task
  const belongs = matches(shown, query, me.value?.id ?? '')
  if (belongs === false) return known ? without(pages, task.id) : pages
  if (belongs === undefined && !known) return 'unknown'
  if (known && compare(known, shown, query.sort) === 0) return replaced(pages, shown)
  return inserted(known ? without(pages, task.id) : pages, query, shown)
}

function replaced(pages: TaskPages, task: Task): TaskPages {
  return {
    ...pages,
    pages: pages.pages.map((page) =>
      page.items.some((item) => item.id === task.id)
        ? { ...page, items: page.items.map((item) => (item.id === task.id ? task : item)) }
        : page,
    ),
  }
}

function inserted(pages: TaskPages, query: TaskQuery, task: Task): TaskPages {
  const last = pages.pages.length - 1
  let done = false
  const next = pages.pages.map((page, index) => {
    if (done) return page
    const at = page.items.findIndex((item) => compare(task, item, query.sort) < 0)
    if (at === -1 && index < last) return page
    done = true
    // Behind the last loaded task of an incomplete list: it comes with its page.
    if (at === -1 && page.next_cursor) return page
    return { ...page, items: at === -1 ? [...page.items, task] : page.items.toSpliced(at, 0, task) }
  })
  return { ...pages, pages: next }
}
