import { shallowRef, watchEffect } from 'vue'
import { unreadCount } from '@/inbox/unread'
import { t } from '@/text'

const page = shallowRef<() => string>(() => '')

/** Names the page in the title of the window. The name is asked for again when the language changes. */
export function setTitle(name: () => string): void {
  page.value = name
}

watchEffect(() => {
  const name = page.value()
  const unread = unreadCount.value ? `(${unreadCount.value}) ` : ''
  document.title = `${unread}${name ? `${name} · ` : ''}${t('app-name')}`
})
