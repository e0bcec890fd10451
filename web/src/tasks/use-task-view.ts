import { type Ref, computed } from 'vue'
import { deleteTask } from './actions'
import { useTask } from './lists'
import { rightsOf } from './rights'
import { useLiveProject } from '@/live/project'
import { useMyRole } from '@/projects/projects'
import { isAdministrator, isManager } from '@/session/session'

/** Reads a task, follows its project, and says what the person may do. `done` is called when it was deleted. */
export function useTaskView(ref: () => string, done: () => void) {
  const { data, isLoading, error, refetch } = useTask(ref)
  const task = data as Ref<typeof data.value>
  const role = useMyRole(() => task.value?.project_id)
  useLiveProject(() => task.value?.project_id)

  const rights = computed(() => rightsOf(task.value ?? { created_by: '' }, role.value))
  /** Whether the person may change the comments of others. */
  const manages = computed(
    () => isAdministrator.value || role.value === 'manager' || (isManager.value && role.value === 'member'),
  )

  function remove(): void {
    if (!task.value) return
    deleteTask(task.value)
    done()
  }

  return { task, isLoading, error, refetch, rights, manages, remove }
}
