import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import App from './App.vue'
import { queryClient } from './cache/query-client'
import { router } from './router'
import { forget, startSession } from './session/log-in'
import { onSessionEnded } from './session/refresh'
import { loadUser, me } from './session/session'
import { registerServiceWorker } from './shell/service-worker'
import { loadTheme } from './shell/theme'
import './style/index.css'
import { loadLanguage } from './text'

onSessionEnded(async () => {
  await forget()
  const path = location.pathname + location.search
  if (router.resolve(path).meta.open) return
  location.replace(`/login?${new URLSearchParams({ return_to: path, ended: '1' })}`)
})

loadTheme()
await loadLanguage()
// Who was here before sees their screen at once, also while offline; the API says later if the session has ended.
const read = loadUser()
if (!me.value) await read
if (me.value) await startSession()

createApp(App).use(router).use(VueQueryPlugin, { queryClient }).mount('#app')
registerServiceWorker()
