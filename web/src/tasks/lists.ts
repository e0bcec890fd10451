/** Reads lists of tasks, counts and single tasks. */

import { useInfiniteQuery, useQuery } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import { type TaskQuery, parameters } from './query'
import { api, ask } from '@/api/client'
import type { Page, Task } from '@/api/types'
import { keys } from '@/cache/keys'
import { overlay, unsent } from '@/changes/queue'
import { findTask, withTask } from '@/cache/tasks'

const PAGE = 200

/** Reads a list of tasks page by page. `tasks` has the loaded ones, with the changes that wait to be sent. */
export function useTaskList(query: MaybeRefOrGetter<TaskQuery>, enabled: MaybeRefOrGetter<boolean> = true) {
  const result = useInfiniteQuery({
    queryKey: computed(() => keys.tasks(toValue(query))),
    enabled: computed(() => toValue(enabled)),
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ queryKey, pageParam, signal }) => {
      const asked = { ...parameters(queryKey[1]), limit: PAGE, cursor: pageParam } as object
      const page: Page<Task> = await ask(api.GET('/v1/tasks', { params: { query: asked }, signal }))
      return { ...page, items: page.items.map(overlay).filter((task) => task !== null) }
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const tasks = computed<Task[]>(() => {
    if (!result.data.value) return []
    let pages = result.data.value
    for (const change of unsent.value) {
      if (change.kind !== 'create-task' || change.held) continue
      const next = withTask(pages, toValue(query), change.task)
      if (next !== 'unknown') pages = next
    }
    return pages.pages.flatMap((page) => page.items)
  })
  return { ...result, tasks }
}

/** Counts tasks, up to 1,000. */
export function useTaskCount(query: MaybeRefOrGetter<TaskQuery>) {
  return useQuery({
    queryKey: computed(() => keys.taskCount(toValue(query))),
    queryFn: ({ signal }) =>
      ask(api.GET('/v1/tasks/count', { params: { query: parameters(toValue(query)) as object }, signal })),
  })
}

/** Reads one task by its id or key. */
export function useTask(ref: MaybeRefOrGetter<string>) {
  return useQuery({
    queryKey: computed(() => keys.task(toValue(ref))),
    enabled: computed(() => Boolean(toValue(ref))),
    queryFn: async ({ signal }) => {
      const task: Task = await ask(api.GET('/v1/tasks/{id}', { params: { path: { id: toValue(ref) } }, signal }))
      return overlay(task) ?? task
    },
    // A task that a list shows is there at once, and read again.
    initialData: () => findTask(toValue(ref)),
    initialDataUpdatedAt: 0,
  })
}
