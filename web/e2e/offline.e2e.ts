import { type Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { windowOf } from './support/browser'
import { type Account, createProject, register } from './support/system'

const DAY_MS = 24 * 60 * 60 * 1000

/** A person with a project and one task in it. */
async function work() {
  const ann = await register('Ann')
  const project = await createProject(ann)
  const task = await ann.call('POST', '/tasks', { project_id: project.id, title: 'Renew the certificate' })
  return { ann, project, task }
}

/** Opens a page, and waits until it can be opened without a connection. `text` is what must be stored then. */
async function keptPage(person: Account, path: string, text: string): Promise<Page> {
  const page = await windowOf(person, path)
  await page.getByText(text).first().waitFor()
  const isKept = () =>
    page.evaluate(async (wanted) => {
      if (!(await navigator.serviceWorker.getRegistration())?.active) return false
      const database = await new Promise<IDBDatabase>((resolve) => {
        const opening = indexedDB.open('taskbell')
        opening.onsuccess = () => resolve(opening.result)
      })
      const stored = await new Promise((resolve) => {
        const reading = database.transaction('cache').objectStore('cache').get('queries')
        reading.onsuccess = () => resolve(reading.result)
      })
      database.close()
      return JSON.stringify(stored ?? '').includes(wanted)
    }, text)
  await expect.poll(isKept).toBe(true)
  return page
}

const offline = (page: Page, is = true) => page.context().setOffline(is)
const offlineNote = (page: Page) => page.getByText('You are offline. Changes are sent when you are back.')
const row = (page: Page, title: string) => page.getByRole('main').getByRole('link', { name: title })

async function quickAdd(page: Page, text: string): Promise<void> {
  await page.getByRole('button', { name: 'New task' }).first().click()
  await page.getByRole('textbox', { name: 'New tasks, one on each line' }).fill(text)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}
async function comment(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Comment' }).fill(text)
  await page.keyboard.press('Control+Enter')
}
async function rename(page: Page, title: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Title', exact: true }).fill(title)
  await page.keyboard.press('Enter')
}
const held = (page: Page) => page.getByRole('dialog', { name: 'Changes that need your decision' })

describe('without a connection', () => {
  it('shows what was seen, also after a reload', async () => {
    const { ann, project, task } = await work()
    await ann.call('POST', `/tasks/${task.id}/comments`, { body: 'It ends on Friday' })
    const page = await keptPage(ann, `/projects/${project.key}?task=${task.key}`, 'It ends on Friday')
    await offline(page)
    await offlineNote(page).waitFor()
    await page.reload()
    await offlineNote(page).waitFor()
    await row(page, 'Renew the certificate').waitFor()
    await page.getByText('It ends on Friday').waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('m')
    await page.getByRole('heading', { name: 'My work' }).waitFor()
  })

  it('keeps changes, and sends them in order and once', async () => {
    const { ann, project, task } = await work()
    const page = await keptPage(ann, `/projects/${project.key}?task=${task.key}`, 'Renew the certificate')
    await offline(page)
    await offlineNote(page).waitFor()
    await comment(page, 'First')
    await comment(page, 'Second')
    await rename(page, 'Renew both certificates')
    await page.getByRole('complementary', { name: 'Task' }).getByRole('button', { name: 'Close' }).click()
    await quickAdd(page, 'Order cake\n  Ask who comes')
    await row(page, 'Order cake').focus()
    await page.keyboard.press('d')
    await row(page, 'Order cake').waitFor({ state: 'detached' })
    await page.getByText('changes are not saved yet.').waitFor()
    await page.reload()
    await row(page, 'Renew both certificates').waitFor()

    await offline(page, false)
    const tasks = async () => {
      const { items } = await ann.call('GET', `/tasks?project_id=${project.id}`)
      return items.map(({ title, status, parent_id }: any) => [title, status, Boolean(parent_id)]).toSorted()
    }
    await expect.poll(tasks).toEqual([
      ['Ask who comes', 'todo', true],
      ['Order cake', 'done', false],
      ['Renew both certificates', 'todo', false],
    ])
    const comments = async () => (await ann.call('GET', `/tasks/${task.id}/comments`)).items.map(({ body }: any) => body)
    expect(await comments()).toEqual(['First', 'Second'])
    await page.getByText('not saved yet').waitFor({ state: 'hidden' })
    await offlineNote(page).waitFor({ state: 'hidden' })
    await row(page, 'Renew both certificates').waitFor()
    expect(await row(page, 'Renew both certificates').count()).toBe(1)
  })

  it('asks what is to stay where two people changed the same', async () => {
    const { ann, project, task } = await work()
    const page = await keptPage(ann, `/projects/${project.key}?task=${task.key}`, 'Renew the certificate')
    await offline(page)
    await rename(page, 'Mine')
    await page.getByText('One change is not saved yet.').waitFor()
    await ann.call('PATCH', `/tasks/${task.id}`, { title: 'Theirs', priority: 'high' })
    await offline(page, false)
    await page.getByText('One change needs your decision.').waitFor()
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await held(page).getByRole('radio', { name: 'Theirs Theirs' }).waitFor()
    expect(await held(page).getByRole('radio', { name: 'Mine Mine' }).isChecked()).toBe(true)
    await held(page).getByRole('button', { name: 'Save' }).click()
    await held(page).waitFor({ state: 'hidden' })
    await expect.poll(() => ann.call('GET', `/tasks/${task.id}`)).toMatchObject({ title: 'Mine', priority: 'high' })
    await row(page, 'Mine').waitFor()
  })

  it('holds what is older than a day', async () => {
    const { ann, project, task } = await work()
    const page = await keptPage(ann, `/projects/${project.key}?task=${task.key}`, 'Renew the certificate')
    await offline(page)
    await page.clock.setSystemTime(Date.now() - DAY_MS - 60_000)
    await comment(page, 'Is it still open?')
    await quickAdd(page, 'Order cake')
    await page.getByText('changes are not saved yet').waitFor()
    await page.clock.setSystemTime(Date.now())
    await offline(page, false)
    await page.getByText('2 changes need your decision.').waitFor()
    await page.reload()
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await held(page).getByText('You made this yesterday').first().waitFor()
    await held(page).getByRole('article').filter({ hasText: 'Is it still open?' }).getByRole('button', { name: 'Discard' }).click()
    await held(page).getByRole('button', { name: 'Send now' }).click()
    await held(page).waitFor({ state: 'hidden' })
    await row(page, 'Order cake').waitFor()
    await expect.poll(async () => (await ann.call('GET', `/tasks?project_id=${project.id}`)).items.length).toBe(2)
    expect((await ann.call('GET', `/tasks/${task.id}/comments`)).items).toEqual([])
  })
})

describe('what was typed', () => {
  const field = (page: Page) => page.getByRole('textbox', { name: 'Comment' })

  async function logIn(page: Page, person: Account): Promise<void> {
    await page.getByLabel('E-mail').fill(person.email)
    await page.getByRole('textbox', { name: 'Password' }).fill(person.password)
    await page.keyboard.press('Enter')
  }

  it('survives a reload and the end of the session', async () => {
    const { ann, task } = await work()
    const page = await windowOf(ann, `/tasks/${task.key}`)
    await field(page).fill('Half a sentence')
    await page.reload()
    await expect.poll(() => field(page).inputValue()).toBe('Half a sentence')

    const { items } = await ann.call('GET', '/users/me/sessions')
    const others = items.filter(({ current }: any) => !current)
    for (const { id } of others) await ann.call('DELETE', `/users/me/sessions/${id}`)
    await page.getByText('Your session has ended.').waitFor()
    await logIn(page, ann)
    await page.getByRole('heading', { name: 'Renew the certificate' }).waitFor()
    expect(await field(page).inputValue()).toBe('Half a sentence')
  })

  it('is kept or deleted at a log-out, as one wishes', async () => {
    const { ann, task } = await work()
    const page = await windowOf(ann, `/tasks/${task.key}`)
    const asked = page.getByRole('dialog', { name: 'One draft or unsaved change is left.' })
    const answer = async (name: string) => {
      await page.getByRole('button', { name: 'Log out' }).click()
      await asked.getByRole('button', { name }).click()
      await asked.waitFor({ state: 'hidden' })
    }
    await field(page).fill('Half a sentence')
    await answer('Cancel')
    expect(await field(page).inputValue()).toBe('Half a sentence')

    await answer('Keep')
    await logIn(page, ann)
    await page.getByRole('heading', { name: 'My work' }).waitFor()
    await page.goto(`/tasks/${task.key}`)
    await expect.poll(() => field(page).inputValue()).toBe('Half a sentence')

    await answer('Delete')
    await logIn(page, ann)
    await page.getByRole('heading', { name: 'My work' }).waitFor()
    await page.goto(`/tasks/${task.key}`)
    expect(await field(page).inputValue()).toBe('')
  })
})
