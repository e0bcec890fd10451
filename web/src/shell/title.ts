import { onScopeDispose, shallowRef, watchEffect } from 'vue'
import { unreadCount } from '@/inbox/unread'
import { t } from '@/text'

const page = shallowRef<() => string>(() => '')
const shown = shallowRef<() => string | undefined>(() => undefined)

/** Names the page in the title of the window. The name is asked for again when the language changes. */
export function setTitle(name: () => string): void {
  page.value = name
}

/** Names what the page shows, such as a project, while the component that calls this is mounted. */
export function useTitle(name: () => string | undefined): void {
  shown.value = name
  onScopeDispose(() => {
    if (shown.value === name) shown.value = () => undefined
  })
}

watchEffect(() => {
  const name = shown.value() ?? page.value()
  const unread = unreadCount.value ? `(${unreadCount.value}) ` : ''
  document.title = `${unread}${name ? `${name} · ` : ''}${t('app-name')}`
})
