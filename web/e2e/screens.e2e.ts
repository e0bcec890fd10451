import type { Page } from 'playwright-core'
import { beforeAll, describe, it } from 'vitest'
import { expectAccessible, expectNoSidewaysScroll, goTo, windowOf } from './support/browser'
import { type Demo, createDemo } from './support/demo'
import { type Account, createProject, register, unique } from './support/system'

/** A screen: its path, and what is there as soon as it is complete. */
type Screen = [path: string, ready: (page: Page) => unknown]

const text = (shown: string | RegExp) => (page: Page) => page.getByText(shown).filter({ visible: true }).first().waitFor({ timeout: 15_000 })
const heading = (name: string) => (page: Page) => page.getByRole('heading', { name }).waitFor()

const screens = ({ project, task, report }: Demo): Screen[] => [
  ['/my-work', text('Write the texts of the pricing page')],
  [`/my-work?task=${task}`, text('Only the yearly prices are missing')],
  ['/inbox', text('Jonas Weber assigned it to you')],
  ['/inbox?tab=archived', text('Nothing is done yet')],
  ['/projects', text('Move to the new office')],
  [`/projects/${project.key}`, text('Photos of the new office')],
  [`/projects/${project.key}?group=assignee`, text('Photos of the new office')],
  [`/projects/${project.key}?view=board`, text('Photos of the new office')],
  [`/projects/${project.key}?view=board&task=${task}`, text('Only the yearly prices are missing')],
  [`/projects/${project.key}?q=nothing+fits`, text('No task fits these filters.')],
  [`/projects/${project.key}/settings`, text('Jonas Weber')],
  [`/tasks/${task}`, text('Only the yearly prices are missing')],
  ['/tasks/NONE-1', text('Not found')],
  ['/calendar', text('Write the texts of the pricing page')],
  ['/calendar?view=week', text('Write the texts of the pricing page')],
  ['/search?q=the', text('Write the texts of the pricing page')],
  ['/search', text('What are you looking for?')],
  ['/search?q=nothingfits', text('No tasks found')],
  ['/reports', text('Completion')],
  [`/reports?report=${report}`, heading('Completion')],
  ['/trash', text('A counter of visitors')],
  ['/trash?kind=projects', text('No deleted projects')],
  ['/people', text('Only administrators see this page')],
  ['/settings/profile', heading('Profile')],
  ['/settings/appearance', heading('Appearance')],
  ['/settings/notifications', heading('What you are told of')],
  ['/settings/sessions', text('This one')],
  ['/settings/password', heading('Password')],
  ['/settings/help', heading('Help')],
  ['/nowhere', text('Page not found')],
]

const EMPTY: Screen[] = [
  ['/my-work', text('Nothing to do')],
  ['/inbox', text('You are up to date')],
  ['/reports', text('No reports yet')],
  ['/trash', text('No deleted tasks')],
  ['/calendar', heading('Calendar')],
]

const DIALOGS: [keys: string, name: string][] = [
  ['c', 'New task'],
  ['Control+k', 'Commands'],
  ['?', 'Keyboard shortcuts'],
]

let demo: Demo
let newcomer: Account
beforeAll(async () => {
  ;[demo, newcomer] = await Promise.all([createDemo(`S${unique().toUpperCase()}`.slice(0, 10)), register('Nora')])
})

describe.each([{ dark: false }, { dark: true }])('every screen, dark: $dark', ({ dark }) => {
  /** Looks at a screen: in light on a desktop, in the dark on a phone. */
  async function look(page: Page, where: string): Promise<void> {
    await expectAccessible(page, where)
    if (dark) await expectNoSidewaysScroll(page, where)
  }

  async function lookAt(page: Page, all: Screen[]): Promise<void> {
    for (const [path, ready] of all) {
      await goTo(page, path)
      await ready(page)
      await look(page, path)
    }
  }

  it('is accessible with data', async () => {
    const page = await windowOf(demo.me, '/my-work', { dark, phone: dark, expected: /NONE-1/ })
    await lookAt(page, screens(demo))
    await goTo(page, '/projects')
    for (const [keys, name] of DIALOGS) {
      await page.keyboard.press(keys)
      await page.getByRole('dialog', { name }).waitFor()
      await look(page, name)
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }
    await page.getByRole('button', { name: 'New project' }).filter({ visible: true }).first().click()
    await page.getByRole('dialog', { name: 'New project' }).waitFor()
    await look(page, 'a new project')
  }, 120_000)

  it('is accessible without data', async () => {
    const { key } = await createProject(newcomer)
    const page = await windowOf(newcomer, '/my-work', { dark, phone: dark })
    await lookAt(page, [...EMPTY, [`/projects/${key}`, text('This project is new')], [`/projects/${key}?view=board`, text('This project is new')]])
  }, 120_000)

  it('is accessible to an administrator', async () => {
    const page = await windowOf(await register('Ada', 'admin'), '/people', { dark, phone: dark })
    await page.getByRole('button', { name: /^Edit / }).first().waitFor()
    await look(page, '/people')
    await page.getByRole('button', { name: /^Edit / }).first().click()
    await page.getByRole('dialog').waitFor()
    await look(page, 'a person')
  }, 120_000)
})
