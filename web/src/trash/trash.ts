/** Reads what is in the trash, and restores it. */

import { useQueries, useQuery } from '@tanstack/vue-query'
import { type Ref, computed } from 'vue'
import { allPages, api, ask } from '@/api/client'
import type { ListedProject, Task } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { membersQuery, projectName } from '@/projects/projects'
import { isAdministrator, me } from '@/session/session'
import { knownRole, rightsOf } from '@/tasks/rights'
import { t } from '@/text'
import { sentenceOf } from '@/text/problems'
import { showToast } from '@/ui/toasts'

/** Beyond these, the server says that a task may not be restored. */
const MOST_PROJECTS = 50

/** Reads the deleted projects, the last deleted one first. */
export function useDeletedProjects() {
  const result = useQuery({
    queryKey: keys.deletedProjects,
    queryFn: () =>
      allPages<ListedProject>((cursor) => ask(api.GET('/v1/projects', { params: { query: { deleted: true, limit: 200, cursor } } }))),
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

/**
 * Returns a function that says whether the person may restore a task: its creator, and managers of its project.
 *
 * Reads the members of the projects, which say what the person's role is.
 */
export function useMayRestore(tasks: Ref<readonly Task[]>) {
  const projects = computed(() => (isAdministrator.value ? [] : [...new Set(tasks.value.map(({ project_id }) => project_id))]))
  useQueries({ queries: computed(() => projects.value.slice(0, MOST_PROJECTS).map(membersQuery)) })
  return (task: Task): boolean => rightsOf(task, knownRole(task.project_id)).delete
}
