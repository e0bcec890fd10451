/** Notifications of the browser itself, while a page of the client is open and none is visible. */

import { shallowRef } from 'vue'
import { changeNotifications } from './change'
import { type Notification as Told, isHidden, pathOf } from './notification'
import { router } from '@/router'

const WANTED = 'taskbell.browser-notifications'
const SHOWN = 'taskbell.browser-notified'
/** Pages that are visible hold this lock together. */
const VISIBLE = 'taskbell.visible'
const REMEMBERED = 50
const SHOWING = 'taskbell.notify'

export const isSupported = 'Notification' in globalThis && 'locks' in navigator

/** Whether the person wants them in this browser. */
export const isWanted = shallowRef(localStorage.getItem(WANTED) === 'yes')
export const permission = shallowRef<NotificationPermission>(isSupported ? Notification.permission : 'denied')

/** Switches them on, if the browser allows it, or off. */
export async function setWanted(wanted: boolean): Promise<void> {
  if (wanted && isSupported) permission.value = await Notification.requestPermission()
  isWanted.value = wanted && permission.value === 'granted'
  localStorage.setItem(WANTED, isWanted.value ? 'yes' : 'no')
}

/** Shows a notification, in one of the open pages and only if none is visible. */
export async function showInBrowser(told: Told): Promise<void> {
  if (!isSupported || isHidden(told) || localStorage.getItem(WANTED) !== 'yes' || Notification.permission !== 'granted') return
  await navigator.locks.request(SHOWING, async () => {
    // Another page was first.
    const shownBefore = JSON.parse(localStorage.getItem(SHOWN) ?? '[]') as string[]
    if (shownBefore.includes(told.id)) return
    localStorage.setItem(SHOWN, JSON.stringify([told.id, ...shownBefore].slice(0, REMEMBERED)))
    const { held } = await navigator.locks.query()
    if (!document.hidden || held?.some(({ name }) => name === VISIBLE)) return
    const shown = new Notification(told.title, { body: told.body, tag: told.task_id ?? told.id, icon: '/icon.svg', silent: true })
    shown.addEventListener('click', () => {
      shown.close()
      window.focus()
      void router.push(pathOf(told) ?? '/inbox')
      changeNotifications([{ notification: told, patch: { read: true } }]).catch(() => undefined)
    })
  })
}

let release: (() => void) | undefined

function holdWhileVisible(): void {
  if (document.hidden) {
    release?.()
    release = undefined
  } else if (!release)
    void navigator.locks.request(VISIBLE, { mode: 'shared' }, () => new Promise<void>((resolve) => (release = resolve)))
}

if (isSupported) {
  holdWhileVisible()
  document.addEventListener('visibilitychange', holdWhileVisible)
}
