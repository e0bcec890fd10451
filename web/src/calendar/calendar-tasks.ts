import { computed, watch } from 'vue'
import type { CalendarDate } from '@internationalized/date'
import { rangeOf } from './weeks'
import { timeZone } from '@/session/session'
import { useTaskList } from '@/tasks/lists'
import { OPEN, type TaskQuery } from '@/tasks/query'

/** As many tasks without a date are looked for at first, in at most so many pages. */
const FEW = 20
const MOST_PAGES = 5

/** Reads all tasks that are due in these weeks. `scope` says whose they are: nothing until it is known. */
export function useDueTasks(scope: () => TaskQuery | undefined, weeks: () => readonly CalendarDate[][]) {
  const list = useTaskList(
    () => ({ ...scope(), ...rangeOf(weeks(), timeZone.value), status: [...OPEN, 'done'], sort: ['due_at'] }),
    () => Boolean(scope()),
  )
  watch(
    [list.hasNextPage, list.isFetchingNextPage, list.data],
    () => {
      if (list.hasNextPage.value && !list.isFetchingNextPage.value && !list.error.value) void list.fetchNextPage()
    },
    { immediate: true },
  )
  return list
}

/** Reads open tasks without a date. The API cannot be asked for them alone, so pages of others are passed over. */
export function useUndatedTasks(scope: () => TaskQuery | undefined, enabled: () => boolean) {
  const list = useTaskList(
    () => ({ ...scope(), status: OPEN, sort: ['-updated_at'] }),
    () => enabled() && Boolean(scope()),
  )
  const undated = computed(() => list.tasks.value.filter(({ due_at }) => !due_at))
  watch(
    [list.data, list.isFetchingNextPage],
    () => {
      const pages = list.data.value?.pages.length ?? 0
      if (!pages || pages >= MOST_PAGES || undated.value.length >= FEW) return
      if (list.hasNextPage.value && !list.isFetchingNextPage.value && !list.error.value) void list.fetchNextPage()
    },
    { immediate: true },
  )
  return { ...list, undated }
}
