/** The tasks of "My work". */

import { type ComputedRef, computed, onScopeDispose, shallowRef, watch } from 'vue'
import { isToday, untilNextMove } from './sections'
import type { Task } from '@/api/types'
import { findTask } from '@/cache/tasks'
import { useProjects } from '@/projects/projects'
import { me, timeZone } from '@/session/session'
import { useTaskList } from '@/tasks/lists'
import { OPEN, type Sort, type TaskQuery, compare } from '@/tasks/query'

const BY_DATE: Sort[] = ['due_at', '-priority', 'created_at']
/** A completed task stays in its place for this long. */
const LINGER_MS = 2_500

/**
 * Reads the person's open tasks, and those that they completed today.
 *
 * These are the tasks that are assigned to them, and those of their personal project that are assigned to nobody: nobody
 * else could do them, and who writes down something for themselves does not assign it.
 */
export function useMyTasks() {
  const { projects } = useProjects()
  const personal = computed(() => projects.value.find((project) => project.personal && project.owner_id === me.value?.id))
  const inPersonal = (query: TaskQuery): TaskQuery => ({ ...query, project_id: personal.value?.id, assignee_id: ['none'] })
  const hasPersonal = () => Boolean(personal.value)

  const open: TaskQuery = { status: OPEN, sort: BY_DATE }
  const closed: TaskQuery = { status: ['done'], sort: ['-updated_at'] }
  const assigned = useTaskList({ ...open, assignee_id: ['me'] })
  const own = useTaskList(() => inPersonal(open), hasPersonal)
  const assignedDone = useTaskList({ ...closed, assignee_id: ['me'] })
  const ownDone = useTaskList(() => inPersonal(closed), hasPersonal)

  const openTasks = computed(() => [...assigned.tasks.value, ...own.tasks.value])
  const now = useNow(openTasks)
  const done = computed(() =>
    [...assignedDone.tasks.value, ...ownDone.tasks.value]
      // Without a time: the server has not answered yet.
      .filter(({ completed_at }) => !completed_at || isToday(completed_at, now.value, timeZone.value))
      .toSorted((a, b) => (b.completed_at ?? '~').localeCompare(a.completed_at ?? '~')),
  )
  const lingering = useLingering(openTasks)
  const tasks = computed(() => {
    const ids = new Set(openTasks.value.map(({ id }) => id))
    const leaving = [...lingering.value.values()].filter(({ id }) => !ids.has(id))
    return [...openTasks.value, ...leaving].toSorted((a, b) => compare(a, b, BY_DATE))
  })

  function more(): void {
    for (const list of [assigned, own]) if (list.hasNextPage.value && !list.isFetching.value) void list.fetchNextPage()
  }

  return {
    tasks,
    openCount: computed(() => openTasks.value.length),
    done: computed(() => done.value.filter(({ id }) => !lingering.value.has(id))),
    now,
    personal,
    more,
    hasMore: computed(() => assigned.hasNextPage.value || own.hasNextPage.value),
    isPending: assigned.isPending,
    hasData: computed(() => Boolean(assigned.data.value)),
    error: computed(() => assigned.error.value ?? own.error.value),
    refetch: () => Promise.all([assigned.refetch(), own.refetch()]),
  }
}

/** Returns the time, which goes on when a task must move to another section. */
function useNow(tasks: ComputedRef<readonly Task[]>) {
  const now = shallowRef(Date.now())
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = () => {
    now.value = Date.now()
  }
  watch(
    [now, tasks, timeZone],
    () => {
      clearTimeout(timer)
      timer = setTimeout(look, untilNextMove(tasks.value, Date.now(), timeZone.value))
    },
    { immediate: true },
  )
  // Timers do not run while a device is asleep.
  document.addEventListener('visibilitychange', look)
  onScopeDispose(() => {
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
  })
  return now
}

/** Returns the tasks that were completed a moment ago: they stay in their place, so that one sees what happened. */
function useLingering(open: ComputedRef<readonly Task[]>) {
  const lingering = shallowRef(new Map<string, Task>())
  const timers = new Set<ReturnType<typeof setTimeout>>()
  watch(open, (next, former) => {
    const ids = new Set(next.map(({ id }) => id))
    const left = former.filter(({ id }) => !ids.has(id)).map(({ id, due_at }) => ({ ...findTask(id), due_at }) as Task)
    const completed = left.filter(({ id, status }) => id && status === 'done')
    if (!completed.length) return
    lingering.value = new Map([...lingering.value, ...completed.map((task) => [task.id, task] as const)])
    const timer = setTimeout(() => {
      timers.delete(timer)
      lingering.value = new Map([...lingering.value].filter(([id]) => !completed.some((task) => task.id === id)))
    }, LINGER_MS)
    timers.add(timer)
  })
  onScopeDispose(() => timers.forEach((timer) => clearTimeout(timer)))
  return lingering
}
