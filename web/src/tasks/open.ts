import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { Task } from '@/api/types'
import { isUnsent } from '@/changes/change'

/** The task that is open beside the list: `?task=WEB-42` in the address. */
export function useOpenTask() {
  const route = useRoute()
  const router = useRouter()
  const openRef = computed(() => (typeof route.query.task === 'string' ? route.query.task : undefined))

  /** Opens a task beside the list, unless the server does not have it yet. One that is open already is replaced, so that "back" closes the panel. */
  function open(task: Pick<Task, 'id' | 'key'>): void {
    if (isUnsent(task.id)) return
    const to = { query: { ...route.query, task: task.key || task.id }, hash: route.hash }
    void (openRef.value ? router.replace(to) : router.push(to))
  }

  function close(): void {
    const { task: _task, ...query } = route.query
    void router.replace({ query, hash: route.hash })
  }

  return { openRef, open, close }
}
