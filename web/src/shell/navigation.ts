import { CalendarDays, ChartColumn, CircleCheck, FolderKanban, Inbox, type IconNode, Search, Settings, Trash2, Users } from 'lucide'
import { computed } from 'vue'
import { isAdministrator } from '@/session/session'

export interface Destination {
  to: string
  /** The id of its name. */
  text: string
  icon: IconNode
  /** The shortcut that leads there. */
  keys: string
}

const ALL: Destination[] = [
  { to: '/my-work', text: 'nav-my-work', icon: CircleCheck, keys: 'g m' },
  { to: '/inbox', text: 'nav-inbox', icon: Inbox, keys: 'g i' },
  { to: '/projects', text: 'nav-projects', icon: FolderKanban, keys: 'g p' },
  { to: '/calendar', text: 'nav-calendar', icon: CalendarDays, keys: 'g c' },
  { to: '/search', text: 'nav-search', icon: Search, keys: '/' },
  { to: '/reports', text: 'nav-reports', icon: ChartColumn, keys: 'g r' },
  { to: '/trash', text: 'nav-trash', icon: Trash2, keys: 'g t' },
  { to: '/people', text: 'nav-people', icon: Users, keys: 'g u' },
  { to: '/settings', text: 'nav-settings', icon: Settings, keys: 'g s' },
]

/** The pages that the person can go to. */
export const destinations = computed(() => ALL.filter(({ to }) => to !== '/people' || isAdministrator.value))
