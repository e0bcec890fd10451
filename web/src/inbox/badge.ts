/** Shows the number of unread notifications outside of the page: on the icon of the tab and of the installed app. */

import { watch } from 'vue'
import { unreadCount } from './unread'

watch(
  unreadCount,
  (count) => {
    document.querySelector('link[rel=icon]')?.setAttribute('href', count ? '/icon-unread.svg' : '/icon.svg')
    const badge = count ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.()
    // Not every system has badges.
    badge?.catch(() => undefined)
  },
  { immediate: true },
)
