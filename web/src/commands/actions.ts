import { CheckCheck, FolderKanban, FolderPlus, Keyboard, Languages, LogOut, Palette, Plus, Undo2 } from 'lucide'
import { useRouter } from 'vue-router'
import type { Command } from './registry'
import { shortcutsOpen } from './state'
import { undoLast } from '@/changes/undo'
import { newProjectOpen } from '@/projects/new-project'
import { projectName, useProjects } from '@/projects/projects'
import { openQuickAdd } from '@/quick-add/state'
import { isManager } from '@/session/session'
import { useLogOut } from '@/shell/log-out'
import { destinations } from '@/shell/navigation'
import { THEMES, setTheme } from '@/shell/theme'
import { LANGUAGES, setLanguage, t } from '@/text'
import { sentenceOf } from '@/text/problems'
import { showToast } from '@/ui/toasts'

/** Returns the commands that are there on every screen. */
export function useActions(): () => Command[] {
  const router = useRouter()
  const logOut = useLogOut()
  const { projects } = useProjects()
  const group = 'commands-actions'

  const actions = (): Command[] => [
    { id: 'new-task', text: t('nav-new-task'), group, icon: Plus, keys: 'c', run: () => openQuickAdd() },
    ...(isManager.value
      ? [{ id: 'new-project', text: t('nav-new-project'), group, icon: FolderPlus, run: () => (newProjectOpen.value = true) }]
      : []),
    { id: 'undo', text: t('undo'), group, icon: Undo2, keys: 'z', run: undoLast },
    { id: 'read-all', text: t('commands-read-all'), group, icon: CheckCheck, run: () => void readAll() },
    { id: 'theme', text: t('commands-theme'), group, icon: Palette, choices: themes },
    { id: 'language', text: t('commands-language'), group, icon: Languages, words: 'language sprache english deutsch', choices: languages },
    { id: 'keys', text: t('nav-keys'), group, icon: Keyboard, keys: '?', run: () => (shortcutsOpen.value = true) },
    { id: 'log-out', text: t('log-out'), group, icon: LogOut, run: () => void logOut() },
  ]
  const pages = (): Command[] =>
    destinations.value.map(({ to, text, icon, keys }) => ({
      id: `go:${to}`,
      text: t(text),
      group: 'keys-go-to',
      icon,
      keys,
      run: () => void router.push(to),
    }))
  const all = (): Command[] =>
    projects.value.map((project) => ({
      id: `project:${project.id}`,
      text: projectName(project),
      group: 'nav-projects',
      icon: FolderKanban,
      hint: project.personal ? undefined : project.key,
      words: project.key,
      run: () => void router.push(`/projects/${project.key}`),
    }))
  return () => [...actions(), ...pages(), ...all()]
}

const themes = (): Command[] =>
  THEMES.map((one) => ({
    id: `theme:${one}`,
    text: t(`commands-theme-${one}`),
    group: 'commands-theme',
    run: () => setTheme(one),
  }))

const NAMES = { en: 'English', de: 'Deutsch' }
const languages = (): Command[] =>
  LANGUAGES.map((one) => ({
    id: `language:${one}`,
    text: NAMES[one],
    group: 'commands-language',
    run: () => void setLanguage(one),
  }))

/** Marks all notifications as read. */
async function readAll(): Promise<void> {
  const [{ readUpTo }, { findNotifications, readPage }] = await Promise.all([import('@/inbox/change'), import('@/inbox/store')])
  try {
    const newest = (await readPage('inbox', undefined, 1)).items[0]
    if (newest) await readUpTo(findNotifications(({ seq, read_at }) => seq <= newest.seq && !read_at), newest.seq)
    showToast({ text: t('commands-read-all-done') })
  } catch (error) {
    showToast({ text: sentenceOf(error), kind: 'error' })
  }
}
