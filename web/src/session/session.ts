import { computed, readonly, shallowRef } from 'vue'
import { api, ask } from '@/api/client'
import { Problem } from '@/api/problem'
import type { User } from '@/api/types'

const STORED = 'taskbell.user'
const ATTEMPTS = 5

const user = shallowRef<User | null>(stored())

/** The person who is logged in, or null. */
export const me = readonly(user)

export const isAdministrator = computed(() => user.value?.role === 'admin')
/** Whether the person may create projects. */
export const isManager = computed(() => user.value?.role === 'admin' || user.value?.role === 'manager')
/** The person's time zone, in which dates are shown. */
export const timeZone = computed(() => user.value?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone)

/** Returns the person who is logged in. Throws if nobody is. */
export function currentUser(): User {
  if (!user.value) throw new Error('nobody is logged in')
  return user.value
}

/** Replaces what is known of the person who is logged in; null if nobody is. */
export function setUser(known: User | null): void {
  user.value = known
  if (known) localStorage.setItem(STORED, JSON.stringify(known))
  else localStorage.removeItem(STORED)
}

/** Reads the person from the API. Keeps what is known while the API cannot be reached; else tries again a few times. */
export async function loadUser(): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return setUser(await ask(api.GET('/v1/users/me')))
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return setUser(null)
      if (user.value || attempt === ATTEMPTS) return
      await new Promise((resolve) => setTimeout(resolve, attempt * 500))
    }
  }
}

function stored(): User | null {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? 'null') as User | null
  } catch {
    return null
  }
}

// Another tab logged in or out.
addEventListener('storage', (event) => {
  if (event.key !== STORED) return
  const other = stored()
  if (other?.id !== user.value?.id) location.reload()
  else user.value = other
})
