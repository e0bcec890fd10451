import { createRouter, createWebHistory } from 'vue-router'
import { me } from '@/session/session'
import { setTitle } from '@/shell/title'
import { allTexts, t } from '@/text'

declare module 'vue-router' {
  interface RouteMeta {
    /** The id of the page's title. */
    title: string
    /** Shown without the menu, also to who is not logged in. */
    open?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', redirect: '/my-work' },
    { path: '/my-work', component: () => import('@/my-work/MyWork.vue'), meta: { title: 'nav-my-work' } },
    { path: '/inbox', component: () => import('@/inbox/InboxPage.vue'), meta: { title: 'nav-inbox' } },
    { path: '/projects', component: () => import('@/projects/ProjectsPage.vue'), meta: { title: 'nav-projects' } },
    { path: '/projects/:project', component: () => import('@/projects/ProjectPage.vue'), meta: { title: 'project' } },
    {
      path: '/projects/:project/settings',
      component: () => import('@/projects/ProjectSettings.vue'),
      meta: { title: 'nav-settings' },
    },
    { path: '/tasks/:task', component: () => import('@/tasks/TaskPage.vue'), meta: { title: 'task' } },
    { path: '/calendar', component: () => import('@/calendar/CalendarPage.vue'), meta: { title: 'nav-calendar' } },
    { path: '/search', component: () => import('@/search/SearchPage.vue'), meta: { title: 'nav-search' } },
    { path: '/reports', component: () => import('@/reports/ReportsPage.vue'), meta: { title: 'nav-reports' } },
    { path: '/trash', component: () => import('@/trash/TrashPage.vue'), meta: { title: 'nav-trash' } },
    { path: '/people', component: () => import('@/people/PeoplePage.vue'), meta: { title: 'nav-people' } },
    { path: '/settings', redirect: '/settings/profile' },
    { path: '/settings/:section', component: () => import('@/settings/SettingsPage.vue'), meta: { title: 'nav-settings' } },

    { path: '/login', component: () => import('@/account/LogIn.vue'), meta: { title: 'log-in', open: true } },
    { path: '/register', component: () => import('@/account/Register.vue'), meta: { title: 'register', open: true } },
    {
      path: '/forgot-password',
      component: () => import('@/account/ForgotPassword.vue'),
      meta: { title: 'forgot-password', open: true },
    },
    {
      path: '/reset-password',
      component: () => import('@/account/ResetPassword.vue'),
      meta: { title: 'reset-password', open: true },
    },
    { path: '/verify-email', component: () => import('@/account/VerifyEmail.vue'), meta: { title: 'verify-email', open: true } },
    { path: '/unsubscribe', component: () => import('@/account/Unsubscribe.vue'), meta: { title: 'unsubscribe', open: true } },
    // Links in mails that were sent before there was a client.
    { path: '/account/verify-email', redirect: (to) => ({ path: '/verify-email', query: to.query }) },
    { path: '/account/reset-password', redirect: (to) => ({ path: '/reset-password', query: to.query }) },

    { path: '/:path(.*)*', component: () => import('@/shell/NotFound.vue'), meta: { title: 'not-found' } },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.beforeEach((to) => {
  if (to.meta.open || me.value) return true
  return { path: '/login', query: to.fullPath === '/my-work' ? {} : { return_to: to.fullPath } }
})

// The first screen does not wait for the texts of the others.
router.beforeResolve((to) => (to.path === '/my-work' && !to.query.task ? undefined : allTexts()))

router.afterEach((to) => setTitle(() => t(to.meta.title)))

/** Returns the path to go to after the log-in. Only a path of the client: not another site. */
export function returnPath(returnTo: unknown): string {
  return typeof returnTo === 'string' && /^\/(?![/\\])/.test(returnTo) ? returnTo : '/my-work'
}
