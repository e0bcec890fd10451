/** What a person may do with a task. The server decides; this keeps controls away that it would refuse. */

import { shallowReactive } from 'vue'
import type { Member, ProjectRole, Task } from '@/api/types'
import { queryClient } from '@/cache/query-client'
import { isAdministrator, isManager, me } from '@/session/session'

export interface Rights {
  change: boolean
  delete: boolean
  /** Whether the person may create tasks in the project, and order them. */
  create: boolean
}

interface Person {
  id: string
  administrator: boolean
  /** Whether the role of their account is manager or more. */
  manager: boolean
}

const person = (): Person => ({
  id: me.value?.id ?? '',
  administrator: isAdministrator.value,
  manager: isManager.value,
})

/** Returns a person's rights with a task. While the role in the project is not known, nothing is kept away. */
export function rightsOf(
  task: Pick<Task, 'created_by' | 'assignee_id'>,
  role: ProjectRole | undefined,
  who: Person = person(),
): Rights {
  if (who.administrator || role === undefined) return { change: true, delete: true, create: true }
  if (role === 'viewer') return { change: false, delete: false, create: false }
  const manages = role === 'manager' || who.manager
  const created = task.created_by === who.id
  return { change: manages || created || task.assignee_id === who.id, delete: manages || created, create: true }
}

const roles = shallowReactive(new Map<string, ProjectRole>())

/** Returns the person's role in a project whose members were read before. */
export const knownRole = (projectId: string): ProjectRole | undefined => roles.get(projectId)

function remember(queryKey: readonly unknown[], members: unknown): void {
  if (queryKey[0] !== 'members' || !Array.isArray(members)) return
  const role = (members as Member[]).find(({ user_id }) => user_id === me.value?.id)?.role
  if (role) roles.set(String(queryKey[1]), role)
  else roles.delete(String(queryKey[1]))
}

for (const [key, data] of queryClient.getQueriesData({ queryKey: ['members'] })) remember(key, data)
queryClient.getQueryCache().subscribe(({ query }) => remember(query.queryKey, query.state.data))
