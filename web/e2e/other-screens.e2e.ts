import { readFile } from 'node:fs/promises'
import { type Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { goTo, windowOf } from './support/browser'
import { createDemo } from './support/demo'
import { createProject, register, unique } from './support/system'

const DAY_MS = 24 * 60 * 60 * 1000
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString()
/** Returns the day and time of an instant in the person's time zone. */
const here = (time: string) => new Date(time).toLocaleString('sv', { timeZone: 'Europe/Berlin' })

const row = (page: Page, title: string) => page.getByRole('main').getByRole('link', { name: title })

async function work() {
  const ann = await register('Ann')
  const project = await createProject(ann)
  const task = (title: string, fields: object = {}) =>
    ann.call('POST', '/tasks', { project_id: project.id, title, assignee_id: ann.id, ...fields })
  return { ann, project, task }
}

describe('my work', () => {
  it('is in sections by date, and is done by keys', async () => {
    const { ann, task } = await work()
    await task('Some day')
    await task('Soon', { due_at: inDays(3) })
    await task('In a month', { due_at: inDays(30) })
    const late = await task('Late', { due_at: inDays(-2) })
    const page = await windowOf(ann)
    await row(page, 'Late').waitFor()
    const headings = await page.getByRole('main').getByRole('heading', { level: 2 }).allTextContents()
    expect(headings.map((text) => text.trim())).toEqual(['Overdue 1', 'Next seven days 1', 'Later 1', 'No date 1'])

    await page.keyboard.press('j')
    await page.keyboard.press('d')
    await page.getByText(`${late.key} is now “Done”.`).waitFor()
    await expect.poll(() => ann.call('GET', `/tasks/${late.id}`)).toMatchObject({ status: 'done' })
    await row(page, 'Late').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Completed today 1' }).click()
    await row(page, 'Late').waitFor()
    await page.keyboard.press('z')
    await page.getByRole('heading', { name: 'Overdue 1' }).waitFor()
    await expect.poll(() => ann.call('GET', `/tasks/${late.id}`)).toMatchObject({ status: 'todo' })

    const added = await task('Given by a program', { due_at: inDays(3) })
    await row(page, added.title).waitFor()
    await page.getByRole('heading', { name: 'Next seven days 2' }).waitFor()
  })
})

describe('the search', () => {
  it('finds words and narrows by filters, which stand in the address', async () => {
    const { ann, task } = await work()
    await task('Translate the manual', { due_at: inDays(2) })
    await task('Print the manual')
    await task('Call the printer')
    const page = await windowOf(ann)
    await page.keyboard.press('/')
    await page.getByRole('searchbox', { name: 'Words' }).pressSequentially('manu')
    await page.getByText('2 tasks').waitFor()
    await page.getByRole('group', { name: 'Filters' }).getByRole('button', { name: 'Due' }).click()
    await page.getByRole('option', { name: 'Next 7 days' }).click()
    await page.getByText('One task').waitFor()
    await row(page, 'Translate the manual').waitFor()
    expect(await row(page, 'Print the manual').count()).toBe(0)
    await page.reload()
    await row(page, 'Translate the manual').click()
    await page.getByRole('complementary', { name: 'Task' }).getByRole('heading', { name: 'Translate the manual' }).waitFor()
  })
})

describe('the calendar', () => {
  it('moves a task by keys to another day, and back', async () => {
    const { ann, task } = await work()
    const { id, due_at } = await task('Renew the certificate', { due_at: inDays(1) })
    const dayOf = async () => here((await ann.call('GET', `/tasks/${id}`)).due_at)
    const page = await windowOf(ann, '/calendar')
    await row(page, 'Renew the certificate').focus()
    await page.keyboard.press('Shift+ArrowRight')
    await expect.poll(dayOf).toBe(here(inDays(2)).slice(0, 10) + here(due_at).slice(10))
    await expect.poll(() => row(page, 'Renew the certificate').evaluate((link) => link === document.activeElement)).toBe(true)
    await page.keyboard.press('Shift+ArrowDown')
    await expect.poll(dayOf).toBe(here(inDays(9)).slice(0, 10) + here(due_at).slice(10))
    await page.keyboard.press('z')
    await page.keyboard.press('z')
    await expect.poll(dayOf).toBe(here(due_at))
  })
})

describe('the settings', () => {
  it('keep the name, the colours and what one is told of', async () => {
    const ann = await register('Ann')
    const page = await windowOf(ann, '/settings/profile')
    await page.getByLabel('Name').fill('Ann of Cleves')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    expect(await ann.call('GET', '/users/me')).toMatchObject({ name: 'Ann of Cleves' })

    await page.getByRole('link', { name: 'Appearance' }).click()
    await page.getByRole('radio', { name: 'Dark' }).check()
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const dark = await background()
    await page.reload()
    await page.getByRole('radio', { name: 'Dark', checked: true }).waitFor()
    expect(await background()).toBe(dark)
    await page.getByRole('radio', { name: 'Light' }).check()
    expect(await background()).not.toBe(dark)

    await page.getByRole('link', { name: 'Notifications' }).click()
    await page.getByRole('combobox', { name: 'E-mail: New comments' }).selectOption('Daily')
    await page.getByRole('checkbox', { name: 'Live: A task is overdue' }).uncheck()
    const kinds = async () => (await ann.call('GET', '/notification-preferences')).kinds
    await expect.poll(kinds).toMatchObject({ task_commented: { email: 'daily' }, task_overdue: { push: false } })
  })
})

describe('people', () => {
  it('get roles and are deactivated by an administrator', async () => {
    const [root, bob] = await Promise.all([register('Root', 'admin'), register('Bob', 'user')])
    const page = await windowOf(root, '/people')
    await page.getByRole('searchbox', { name: 'Search by name or e-mail' }).fill(bob.email)
    // Others, who go as soon as the search has an answer, may have the same name.
    await expect.poll(() => page.getByRole('button', { name: 'Edit Bob' }).count()).toBe(1)
    await page.getByRole('combobox', { name: 'Role of Bob' }).selectOption('Manager')
    await page.getByText('Bob is changed.').waitFor()
    await page.getByRole('button', { name: 'Edit Bob' }).click()
    await page.getByRole('dialog', { name: 'Edit Bob' }).getByRole('button', { name: 'Deactivate' }).click()
    await page.getByRole('dialog', { name: 'Deactivate Bob?' }).getByRole('button', { name: 'Deactivate' }).click()
    await page.getByText('Bob is deactivated.').waitFor()
    expect(await root.call('GET', `/users/${bob.id}`)).toMatchObject({ role: 'manager', active: false })
    await page.getByRole('list', { name: 'People' }).getByText('Deactivated').waitFor()
    await page.getByRole('combobox', { name: 'Accounts' }).selectOption('Deactivated')
    await page.getByRole('button', { name: 'Edit Bob' }).waitFor()
  })
})

describe('the trash', () => {
  it('gives back tasks and projects', async () => {
    const { ann, project, task } = await work()
    const gone = await task('A counter of visitors')
    await ann.call('DELETE', `/tasks/${gone.id}`)
    const page = await windowOf(ann, '/trash')
    await page.getByRole('button', { name: `Restore ${gone.key} A counter of visitors` }).click()
    await page.getByText(`${gone.key} is restored.`).waitFor()
    await page.getByText('No deleted tasks').waitFor()
    await expect.poll(() => ann.call('GET', `/tasks/${gone.id}`)).toMatchObject({ deleted_at: null })

    await ann.call('DELETE', `/projects/${project.id}`)
    await page.getByRole('main').getByRole('button', { name: 'Projects' }).click()
    await page.getByRole('button', { name: /^Restore .*Website/ }).click()
    await page.getByText('Website is restored.').waitFor()
    const keys = async () => (await ann.call('GET', '/projects')).items.map(({ key }: { key: string }) => key)
    await expect.poll(keys).toContain(project.key)
  })
})

describe('reports', () => {
  it('are requested, and downloaded when they are ready', async () => {
    const { ann, task } = await work()
    await task('Translate the manual')
    const page = await windowOf(ann, '/reports')
    await page.getByLabel('Kind').selectOption('Activity')
    await page.getByLabel('Format').selectOption('CSV, a table')
    await page.getByRole('button', { name: 'Request report' }).click()
    const button = page.getByRole('button', { name: /^Download Activity/ })
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()])
    expect(download.suggestedFilename()).toMatch(/^activity-.*\.csv$/)
    expect(await readFile(await download.path(), 'utf8')).toContain('Translate the manual')

    await page.getByLabel('Format').selectOption('json')
    await page.getByRole('button', { name: 'Request report' }).click()
    await page.getByRole('link', { name: /^Show Activity/ }).click()
    await page.getByRole('table').getByText('Translate the manual').waitFor()
  })
})

describe('the second language', () => {
  /** Returns the ids of texts that the page shows in the place of a text. */
  const idsOn = (page: Page) =>
    page.evaluate(() => {
      const attributes = ['aria-label', 'title', 'placeholder', 'alt']
      const said = [...document.querySelectorAll('*')].flatMap((element) => attributes.map((name) => element.getAttribute(name) ?? ''))
      const areas = 'account|calendar|commands|held|inbox|my-work|nav|notification-settings|people|priority|problem|projects|quick-add|reports|search|settings|status|tasks?|trash'
      return [document.title, document.body.innerText, ...said].join('\n').match(new RegExp(`(?<![\\w./-])(?:${areas})-[a-z][\\w-]*`, 'g')) ?? []
    })

  it('is spoken on every screen, and changed in the settings', async () => {
    const { me, project, task, report } = await createDemo(`G${unique().toUpperCase()}`.slice(0, 10))
    const page = await windowOf(me, '/settings/appearance')
    await page.getByLabel('Language').selectOption('Deutsch')
    await page.getByRole('heading', { name: 'Einstellungen' }).waitFor()
    expect(await idsOn(page)).toEqual([])
    await page.reload()
    await page.getByRole('heading', { name: 'Darstellung' }).waitFor()
    const screens = [
      ['/my-work', 'Meine Arbeit'],
      [`/my-work?task=${task}`, 'Teilaufgaben'],
      ['/inbox', 'Eingang'],
      ['/projects', 'Projekte'],
      [`/projects/${project.key}`, 'Website relaunch'],
      [`/projects/${project.key}?view=board`, 'Website relaunch'],
      [`/projects/${project.key}/settings`, 'Website relaunch'],
      [`/tasks/${task}`, 'Teilaufgaben'],
      ['/calendar', 'Kalender'],
      ['/search?q=the', 'Suche'],
      ['/reports', 'Berichte'],
      [`/reports?report=${report}`, 'Berichte'],
      ['/trash', 'Papierkorb'],
      ['/people', 'Personen'],
      ...['profile', 'notifications', 'sessions', 'password', 'help'].map((section) => [`/settings/${section}`, 'Einstellungen']),
    ] as const
    for (const [path, heading] of screens) {
      await goTo(page, path!)
      await page.getByRole('heading', { name: heading }).first().waitFor()
      await expect.poll(() => page.getByRole('status', { name: 'Wird geladen' }).count()).toBe(0)
      expect.soft(await idsOn(page), path).toEqual([])
    }
    for (const [keys, name] of [['c', 'Neue Aufgabe'], ['Control+k', 'Befehle'], ['?', 'Tastenkürzel']] as const) {
      await page.keyboard.press(keys)
      await page.getByRole('dialog', { name }).waitFor()
      expect.soft(await idsOn(page), name).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('dialog', { name }).waitFor({ state: 'detached' })
    }
    await goTo(page, '/settings/appearance')
    await page.getByLabel('Sprache').selectOption('English')
    await page.getByRole('heading', { name: 'Settings', exact: true }).waitFor()
    expect(await idsOn(page)).toEqual([])
  })
})
