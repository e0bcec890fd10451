import { api, ask } from '@/api/client'
import type { ListedProject, Project } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { t } from '@/text'
import { sentenceOf } from '@/text/problems'
import { showToast } from '@/ui/toasts'

/** Shows a changed project everywhere. */
export function showProject(id: string, changes: Partial<ListedProject>): void {
  queryClient.setQueryData<ListedProject[]>(keys.projects, (projects) =>
    projects?.map((project) => (project.id === id ? { ...project, ...changes } : project)),
  )
}

/** Lets the person be told of everything that happens in the project, or ends that. */
export async function setWatching(project: Project, watching: boolean): Promise<void> {
  showProject(project.id, { watching })
  const params = { path: { id: project.id } }
  try {
    if (watching) await ask(api.PUT('/v1/projects/{id}/watchers/me', { params }))
    else await ask(api.DELETE('/v1/projects/{id}/watchers/me', { params }))
  } catch (error) {
    showProject(project.id, { watching: !watching })
    showToast({ text: t('change-refused', { reason: sentenceOf(error) }), kind: 'error' })
  }
}
