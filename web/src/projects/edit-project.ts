import { api, ask, ifMatch } from '@/api/client'
import { Problem } from '@/api/problem'
import type { components } from '@/api/schema'
import type { Project } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { showProject } from './watching'

/**
 * Changes a project as it was shown. Throws a `version_mismatch` if someone else has changed it since; then what they
 * changed is shown.
 */
export async function editProject(project: Project, body: components['schemas']['ProjectPatch']): Promise<void> {
  try {
    const params = { path: { id: project.id }, header: ifMatch(project.version) }
    showProject(project.id, await ask(api.PATCH('/v1/projects/{id}', { body, params })))
  } catch (error) {
    if (error instanceof Problem && error.status === 412) {
      if (error.current) showProject(project.id, error.current as Project)
      else await queryClient.invalidateQueries({ queryKey: keys.projects })
    }
    throw error
  }
}
