import type { Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible, expectApart, expectNoSidewaysScroll, windowOf } from './support/browser'
import { type Account, createProject, register, unique } from './support/system'

let ann: Account
let ben: Account
beforeAll(async () => {
  ;[ann, ben] = await Promise.all([register('Ann'), register('Ben')])
})

const newTask = (project: { id: string }, title: string, more: object = {}) =>
  ann.call('POST', '/tasks', { title, project_id: project.id, ...more })
const column = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true })
const card = (page: Page, title: string): Locator => page.getByRole('article').filter({ hasText: title })
const link = (page: Page, title: string): Locator => page.getByRole('main').getByRole('link', { name: title })
/** Waits until what has the focus shows this. */
const expectFocus = (page: Page, title: string) =>
  expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain(title)
/** Waits until the cards of a column are these, in this order. */
const expectCards = (page: Page, name: string, titles: string[]) =>
  expect.poll(() => column(page, name).getByRole('article').getByRole('link').allInnerTexts()).toEqual(titles)

/** Opens the board of a new project with these tasks. */
async function openBoard(titles: string[]): Promise<{ page: Page; project: { id: string; key: string } }> {
  const project = await createProject(ann)
  for (const title of titles) await newTask(project, title)
  const page = await windowOf(ann, `/projects/${project.key}?view=board`)
  await expectCards(page, 'To do', titles)
  return { page, project }
}
/** Waits until the server has these tasks of a status, in this order. */
const expectStored = (project: { id: string }, status: string, titles: string[]) =>
  expect
    .poll(async () => {
      const { items } = await ann.call('GET', `/tasks?project_id=${project.id}&status=${status}&sort=rank`)
      return items.map(({ title }: { title: string }) => title)
    })
    .toEqual(titles)

describe('a project', () => {
  it('is created in a window, and gets members', async () => {
    const page = await windowOf(ann, '/projects')
    const word = unique()
    await page.getByRole('main').getByRole('button', { name: 'New project' }).first().click()
    const dialog = page.getByRole('dialog', { name: 'New project' })
    await dialog.getByLabel('Name').fill(`Garden ${word}`)
    expect(await dialog.getByLabel('Key').inputValue()).toMatch(/^[A-Z][A-Z0-9]{1,9}$/)
    const key = `G${word.toUpperCase()}`.slice(-9).replace(/^[^A-Z]/, 'G')
    await dialog.getByLabel('Key').fill(key)
    await expectAccessible(page)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: `Garden ${word}` }).waitFor()
    await page.getByText('This project is new').waitFor()
    await expectAccessible(page)

    await page.getByRole('link', { name: 'Add members' }).click()
    await page.getByLabel('Add a person').fill(ben.email)
    await page.getByRole('list', { name: 'People found' }).getByRole('button', { name: /Ben/ }).click()
    await page.getByRole('combobox', { name: 'Role of Ben' }).selectOption('Manager')
    await expectAccessible(page)
    const { items } = await ben.call('GET', '/projects')
    const project = items.find((one: { key: string }) => one.key === key)
    await expect
      .poll(() => ben.call('GET', `/projects/${project.id}/members`))
      .toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ user_id: ben.id, role: 'manager' })]) })
  })

  it('has no controls for a viewer', async () => {
    const project = await createProject(ann)
    await ann.call('PUT', `/projects/${project.id}/members/${ben.id}`, { role: 'viewer' })
    const task = await newTask(project, 'Only to read', { due_at: '2030-01-01T12:00:00Z' })
    const page = await windowOf(ben, `/projects/${project.key}?task=${task.key}`)
    const panel = page.getByRole('complementary', { name: 'Task' })
    await panel.getByText('You can read and comment, but not change this task.').waitFor()
    await panel.getByRole('textbox', { name: 'Comment' }).waitFor()
    expect(await panel.getByRole('textbox').count()).toBe(1)
    expect(await panel.getByRole('button', { name: /^(Status|Assignee|Priority|Due|Labels|Add a description)/ }).count()).toBe(0)
    expect(await page.getByRole('list', { name: 'Tasks of Website' }).getByRole('button').count()).toBe(0)
    expect(await page.getByRole('main').getByRole('button', { name: 'New task' }).count()).toBe(0)
    expect(await page.getByRole('checkbox', { name: 'Complete “Only to read”' }).first().isDisabled()).toBe(true)
    await panel.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: 'Mute' }).waitFor()
    expect(await page.getByRole('menuitem', { name: 'Move to the trash' }).count()).toBe(0)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Board' }).click()
    await card(page, 'Only to read').waitFor()
    expect(await page.getByRole('main').getByRole('button', { name: /^(Add|Move)/ }).count()).toBe(0)
    await page.goto(`/projects/${project.key}/settings`)
    await page.getByText('Ben (you)').waitFor()
    expect(await page.getByRole('button', { name: /Remove|Delete|Save/ }).count()).toBe(0)
  })

  it('is gone from the screen of someone who is removed from it', async () => {
    const project = await createProject(ann, [ben], 'Secret plans')
    await newTask(project, 'Secret task')
    const page = await windowOf(ben, `/projects/${project.key}`)
    await link(page, 'Secret task').waitFor()
    await ann.call('DELETE', `/projects/${project.id}/members/${ben.id}`)
    // The screen says it at the next thing that they do, or read.
    const gone = page.getByText('Not found', { exact: true })
    await page.getByRole('checkbox', { name: 'Complete “Secret task”' }).or(gone).click()
    await gone.waitFor()
    await expect.poll(() => page.getByText('Secret').count()).toBe(0)
    await page.reload()
    await page.getByText('Not found', { exact: true }).waitFor()
    expect(await page.getByText('Secret').count()).toBe(0)
  })
})

describe('a list of tasks', () => {
  it('is used by keys alone', async () => {
    const project = await createProject(ann)
    for (const title of ['First', 'Second', 'Third']) await newTask(project, title)
    const page = await windowOf(ann, `/projects/${project.key}`)
    const panel = page.getByRole('complementary', { name: 'Task' })
    const list = page.getByRole('list', { name: 'Tasks of Website' })
    const focused = (title: string) => expectFocus(page, title)
    await list.getByRole('link', { name: 'Third' }).waitFor()

    await page.keyboard.press('j')
    await focused('First')
    await page.keyboard.press('j')
    await focused('Second')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    await focused('Second')

    // Completed, it leaves the open ones; the next one gets the focus, and `z` takes it back.
    await page.keyboard.press('d')
    await list.getByRole('link', { name: 'Second' }).waitFor({ state: 'detached' })
    await focused('Third')
    await page.keyboard.press('z')
    await list.getByRole('link', { name: 'Second' }).waitFor()

    await page.keyboard.press('p')
    await page.getByRole('combobox', { name: 'Priority' }).waitFor()
    await page.keyboard.type('urg')
    await page.keyboard.press('Enter')
    await list.getByRole('button', { name: 'Priority: Urgent' }).waitFor()
    await focused('Third')

    await page.keyboard.press('Enter')
    expect(await panel.getByRole('textbox', { name: 'Title', exact: true }).inputValue()).toBe('Third')
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    await focused('Third')
  })
})

describe('a board', () => {
  it('is ordered with the mouse, and stays so', async () => {
    const { page, project } = await openBoard(['One', 'Two', 'Three'])
    await card(page, 'One').dragTo(column(page, 'In progress').getByText('No tasks'))
    await expectCards(page, 'In progress', ['One'])
    await card(page, 'Three').dragTo(card(page, 'Two'), { targetPosition: { x: 40, y: 4 } })
    await expectCards(page, 'To do', ['Three', 'Two'])
    await card(page, 'Two').dragTo(card(page, 'One'), { targetPosition: { x: 40, y: 4 } })
    await expectCards(page, 'In progress', ['Two', 'One'])
    await expectStored(project, 'in_progress', ['Two', 'One'])
    await page.reload()
    await expectCards(page, 'In progress', ['Two', 'One'])
    await expectCards(page, 'To do', ['Three'])
    await expectAccessible(page)
  })

  it('is ordered with keys and a menu', async () => {
    const { page, project } = await openBoard(['One', 'Two', 'Three'])
    const focused = (title: string) => expectFocus(page, title)
    await page.keyboard.press('j')
    await focused('One')
    await page.keyboard.press('Shift+ArrowDown')
    await expectCards(page, 'To do', ['Two', 'One', 'Three'])
    await focused('One')
    await page.keyboard.press('Shift+ArrowRight')
    await expectCards(page, 'In progress', ['One'])
    await focused('One')
    await page.keyboard.press('Shift+ArrowLeft')
    await expectCards(page, 'In progress', [])
    await page.keyboard.press('z')
    await expectCards(page, 'In progress', ['One'])

    await card(page, 'Three').hover()
    await card(page, 'Three').getByRole('button', { name: /^Move .* to…/ }).click()
    await page.getByRole('option', { name: 'Done' }).click()
    await expectCards(page, 'Done', ['Three'])
    await card(page, 'Two').hover()
    await card(page, 'Two').getByRole('button', { name: /^Move .* to…/ }).click()
    await page.getByRole('option', { name: 'In progress' }).click()
    await expectCards(page, 'In progress', ['Two', 'One'])
    await expectStored(project, 'in_progress', ['Two', 'One'])
    await page.reload()
    await expectCards(page, 'In progress', ['Two', 'One'])
  })
})

describe('the screens of two people', () => {
  it('show what the other one does', async () => {
    const project = await createProject(ann, [ben])
    await newTask(project, 'Shared')
    const [left, right] = await Promise.all([windowOf(ann, `/projects/${project.key}?view=board`), windowOf(ben, `/projects/${project.key}?view=board`)])
    await card(right, 'Shared').waitFor()
    await card(left, 'Shared').waitFor()
    for (const to of ['In progress', 'Done', 'To do']) {
      await card(left, 'Shared').hover()
      await card(left, 'Shared').getByRole('button', { name: /^Move .* to…/ }).click()
      await left.getByRole('option', { name: to }).click()
      await column(right, to).getByRole('link', { name: 'Shared' }).waitFor()
    }

    await newTask(project, 'New here')
    await card(right, 'New here').waitFor()
    await card(left, 'New here').waitFor()
  })
})

describe('a narrow window', () => {
  it('has room for the list, the filters and the board', async () => {
    const project = await createProject(ann)
    const tomorrow = new Date(Date.now() + 24 * 3600_000).toISOString()
    await newTask(project, 'Ask the printers for an offer for the new brochure', { due_at: tomorrow, assignee_id: ann.id, labels: ['print'] })
    const page = await windowOf(ann, `/projects/${project.key}`, { phone: true })
    const title = link(page, 'Ask the printers')
    await title.waitFor()
    expect((await title.boundingBox())!.width).toBeGreaterThan(240)
    const facts = page.getByRole('main').locator('li :is(.key, .fact)')
    const filters = page.getByRole('group', { name: 'Filters' }).getByRole('button')
    await expectApart(facts)
    await expectApart(filters)
    await expectNoSidewaysScroll(page)
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Board' }).click()
    await card(page, 'Ask the printers').waitFor()
    await expectNoSidewaysScroll(page)
    await expectAccessible(page)

    // A list beside an open task is narrow, too.
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.getByRole('button', { name: 'List' }).click()
    await title.click()
    await page.getByRole('complementary', { name: 'Task' }).waitFor()
    await expectApart(facts)
    await expectApart(filters)
  })
})
