import type { CalendarDate } from '@internationalized/date'
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { monthName, weekName } from './days'
import { type View, dayNamed, localeOf, weeksOf } from './weeks'
import { language } from '@/text'
import { todayHere } from '@/text/dates'

/** What the calendar shows. It is kept in the address. */
export function useCalendarView() {
  const route = useRoute()
  const router = useRouter()

  function go(change: Record<string, string | undefined>): void {
    void router.replace({ query: { ...route.query, ...change } })
  }

  const view = computed<View>({
    get: () => (route.query.view === 'week' ? 'week' : 'month'),
    set: (next) => go({ view: next === 'week' ? 'week' : undefined }),
  })
  const day = computed<CalendarDate>({
    get: () => dayNamed(route.query.day) ?? todayHere(),
    set: (next) => go({ day: next.compare(todayHere()) === 0 ? undefined : String(next) }),
  })
  /** The key of a project; empty for the tasks of the person. */
  const projectKey = computed({
    get: () => (typeof route.query.project === 'string' ? route.query.project : ''),
    set: (key) => go({ project: key || undefined }),
  })
  const weeks = computed(() => weeksOf(day.value, view.value, localeOf(language.value)))
  const title = computed(() =>
    view.value === 'week' ? weekName(weeks.value[0]![0]!, weeks.value[0]![6]!) : monthName(day.value),
  )
  const isNow = computed(() => weeks.value.flat().some((one) => one.compare(todayHere()) === 0))

  function step(by: 1 | -1): void {
    day.value = view.value === 'week' ? day.value.add({ weeks: by }) : day.value.set({ day: 1 }).add({ months: by })
  }

  return { view, day, projectKey, weeks, title, isNow, step }
}
