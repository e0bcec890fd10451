/** Adding people to a project, changing their roles and removing them. */

import { api, ask } from '@/api/client'
import type { Member, ProjectRole, User } from '@/api/types'
import { keys } from '@/cache/keys'
import { queryClient } from '@/cache/query-client'
import { t } from '@/text'
import { sentenceOf } from '@/text/problems'
import { showToast } from '@/ui/toasts'

export const ROLES: readonly ProjectRole[] = ['viewer', 'member', 'manager']

/** Shows the members as they will be, sends the change, and takes it back with a sentence if it is refused. */
async function change(projectId: string, shown: (members: Member[]) => Member[], send: () => Promise<unknown>): Promise<boolean> {
  const key = keys.members(projectId)
  const before = queryClient.getQueryData<Member[]>(key)
  queryClient.setQueryData<Member[]>(key, (members) => members && shown(members))
  try {
    await send()
    return true
  } catch (error) {
    queryClient.setQueryData(key, before)
    showToast({ text: t('change-refused', { reason: sentenceOf(error) }), kind: 'error' })
    return false
  } finally {
    void queryClient.invalidateQueries({ queryKey: key })
    // Tasks of who is removed, or becomes a viewer, are nobody's then.
    void queryClient.invalidateQueries({ queryKey: keys.anyTasks })
  }
}

export function setRole(projectId: string, userId: string, role: ProjectRole): Promise<boolean> {
  return change(
    projectId,
    (members) => members.map((member) => (member.user_id === userId ? { ...member, role } : member)),
    () => ask(api.PUT('/v1/projects/{id}/members/{user_id}', { body: { role }, params: { path: { id: projectId, user_id: userId } } })),
  )
}

export function addMember(projectId: string, user: User, role: ProjectRole): Promise<boolean> {
  const member: Member = {
    user_id: user.id,
    name: user.name,
    email: user.email,
    role,
    account_role: user.role,
    active: user.active,
    added_at: new Date().toISOString(),
  }
  return change(
    projectId,
    (members) => [...members.filter(({ user_id }) => user_id !== user.id), member],
    () => ask(api.PUT('/v1/projects/{id}/members/{user_id}', { body: { role }, params: { path: { id: projectId, user_id: user.id } } })),
  )
}

export function removeMember(projectId: string, userId: string): Promise<boolean> {
  return change(
    projectId,
    (members) => members.filter(({ user_id }) => user_id !== userId),
    () => ask(api.DELETE('/v1/projects/{id}/members/{user_id}', { params: { path: { id: projectId, user_id: userId } } })),
  )
}
