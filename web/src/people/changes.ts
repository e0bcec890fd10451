/** Asks before changes of accounts that have consequences, and makes them. */

import { changeUser } from './people'
import type { Role, User } from '@/api/types'
import { me } from '@/session/session'
import { t } from '@/text'
import { confirm } from '@/ui/confirm'

/** Gives a person another role. Returns whether it was changed. */
export async function changeRole(user: User, role: Role): Promise<boolean> {
  const { name } = user
  const isOwn = user.id === me.value?.id && user.role === 'admin'
  if (isOwn && !(await confirm({ title: t('people-own-title'), text: t('people-own-text'), action: t('people-own-action'), danger: true })))
    return false
  if (role === 'admin') {
    const asked = { title: t('people-admin-title', { name }), text: t('people-admin-text'), action: t('people-admin-action') }
    if (!(await confirm(asked))) return false
  }
  return changeUser(user, { role }, t('people-changed', { name }))
}

/** Deactivates an account after a question, or activates it. */
export async function changeActive(user: User): Promise<boolean> {
  const { name } = user
  if (!user.active) return changeUser(user, { active: true }, t('people-activated', { name }))
  const asked = {
    title: t('people-deactivate-title', { name }),
    text: t('people-deactivate-text', { name }),
    action: t('people-deactivate'),
    danger: true,
  }
  return (await confirm(asked)) && changeUser(user, { active: false }, t('people-deactivated', { name }))
}
