/** Reads what is in the trash, and restores it. */

import { useQueries, useQuery } from '@tanstack/vue-query'
import { type Ref, computed } from 'vue'
import { api, ask } from '@/api/client'
import type { ListedProject, Member, Task } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { knownProject, projectName } from '@/projects/projects'
import { isAdministrator, isManager, me } from '@/session/session'
import { t } from '@/text'
import { sentenceOf } from '@/text/problems'
import { showToast } from '@/ui/toasts'

/** Reads the deleted projects, the last deleted one first. */
export function useDeletedProjects() {
  const result = useQuery({
    queryKey: keys.deletedProjects,
    queryFn: async () => {
      const items: ListedProject[] = []
      let cursor: string | undefined
      do {
        const page = await ask(api.GET('/v1/projects', { params: { query: { deleted: true, limit: 200, cursor } } }))
        items.push(...page.items)
        cursor = page.next_cursor ?? undefined
      } while (cursor)
      return items
    },
    refetchOnMount: 'always',
  })
  const projects = computed(() => (result.data.value ?? []).toSorted((a, b) => b.updated_at.localeCompare(a.updated_at)))
  return { ...result, projects }
}

/** Restores a project with its tasks. Shows it at once, and takes it back if the API refuses. */
export async function restoreProject(project: ListedProject): Promise<void> {
  await queryClient.cancelQueries({ queryKey: keys.deletedProjects })
  queryClient.setQueryData<ListedProject[]>(keys.deletedProjects, (list) => list?.filter(({ id }) => id !== project.id))
  try {
    await ask(api.POST('/v1/projects/{id}/restore', { params: { path: { id: project.id } } }))
    showToast({ text: t('trash-restored', { name: projectName(project) }) })
    void queryClient.invalidateQueries({ queryKey: keys.projects })
    void queryClient.invalidateQueries({ queryKey: keys.anyTasks })
    void queryClient.invalidateQueries({ queryKey: keys.anyTaskCount })
  } catch (error) {
    void queryClient.invalidateQueries({ queryKey: keys.deletedProjects })
    showToast({ text: t('change-refused', { reason: sentenceOf(error) }), kind: 'error' })
  }
}

/** Whether the person may restore the project. */
export const mayRestoreProject = (project: ListedProject): boolean => isAdministrator.value || project.owner_id === me.value?.id

const isMine = (task: Task): boolean =>
  isAdministrator.value || task.created_by === me.value?.id || knownProject(task.project_id)?.owner_id === me.value?.id

/**
 * Returns a function that says whether the person may restore a task: its creator, and managers of its project.
 *
 * Reads the members of projects only where that decides.
 */
export function useMayRestore(tasks: Ref<readonly Task[]>) {
  const undecided = computed(() => [...new Set(tasks.value.filter((task) => !isMine(task)).map((task) => task.project_id))].slice(0, 50))
  const members = useQueries({
    queries: computed(() =>
      undecided.value.map((id) => ({
        queryKey: [...keys.members(id), 'me'],
        queryFn: async (): Promise<Member[]> =>
          (await ask(api.GET('/v1/projects/{id}/members', { params: { path: { id }, query: { limit: 200 } } }))).items,
      })),
    ),
  })
  return (task: Task): boolean => {
    if (isMine(task) || isManager.value) return true
    const known = members.value[undecided.value.indexOf(task.project_id)]?.data
    return known?.find(({ user_id }) => user_id === me.value?.id)?.role === 'manager'
  }
}
