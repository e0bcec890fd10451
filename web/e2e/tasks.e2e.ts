import type { Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectAccessible, windowOf } from './support/browser'
import { type Account, createProject, register, unique } from './support/system'

let ann: Account
let ben: Account
let project: { id: string; key: string }
beforeAll(async () => {
  ;[ann, ben] = await Promise.all([register('Ann'), register('Ben')])
  project = await createProject(ann, [ben])
})

const newTask = (more: object = {}) =>
  ann.call('POST', '/tasks', { title: `Task ${unique()}`, project_id: project.id, ...more })
const stored = (task: { id?: string }) => ann.call('GET', `/tasks/${task.id}`)
const panelOf = (page: Page): Locator => page.getByRole('complementary', { name: 'Task' })
const rowOf = (page: Page, title: string): Locator =>
  page.getByRole('list', { name: 'Tasks of Website' }).getByRole('link', { name: title })

/** Opens the list of the project, with a task beside it. */
async function openTask(who: Account, task: { key?: string }): Promise<{ page: Page; panel: Locator }> {
  const page = await windowOf(who, `/projects/${project.key}?task=${task.key}`)
  const panel = panelOf(page)
  await panel.getByRole('textbox', { name: 'Title', exact: true }).waitFor()
  return { page, panel }
}

/** Waits until the server has this of the task. */
const expectStored = (task: { id?: string }, fields: object) =>
  expect.poll(() => stored(task), { timeout: 10_000 }).toMatchObject(fields)

describe('the panel of a task', () => {
  it('changes every field, and its history says from what to what', async () => {
    const task = await newTask({ title: 'Old title' })
    const { page, panel } = await openTask(ann, task)
    const choose = async (field: string, choice: string) => {
      await panel.getByRole('button', { name: new RegExp(`^${field}`) }).click()
      await page.getByRole('option', { name: choice }).click()
    }
    await panel.getByRole('textbox', { name: 'Title', exact: true }).fill('New title')
    await page.keyboard.press('Enter')
    await choose('Status', 'In progress')
    await choose('Assignee', 'Ben')
    await choose('Priority', 'Urgent')
    await panel.getByRole('button', { name: /^Due/ }).click()
    await page.getByRole('button', { name: /^Tomorrow/ }).click()
    await panel.getByRole('button', { name: /^Labels/ }).click()
    await page.getByRole('combobox', { name: 'Labels' }).fill('design')
    await page.getByRole('option', { name: 'New label “design”' }).click()
    await page.keyboard.press('Escape')
    await rowOf(page, 'New title').waitFor()
    await expectStored(task, {
      title: 'New title',
      status: 'in_progress',
      assignee_id: ben.id,
      priority: 'urgent',
      labels: ['design'],
      due_at: expect.stringMatching(/T/),
    })

    await panel.getByText('History').click()
    for (const line of [
      'Title: Old title → New title',
      'Status: To do → In progress',
      'Assignee: Nobody → Ben',
      'Priority: Medium → Urgent',
      'Labels: empty → design',
    ])
      await panel.getByText(line).waitFor()
    await expectAccessible(page)
  })

  it('shows Markdown, and nothing that is dangerous in it', async () => {
    const task = await newTask()
    const { page, panel } = await openTask(ann, task)
    await panel.getByRole('button', { name: 'Add a description…' }).click()
    await panel.getByRole('textbox', { name: 'Description' }).fill(
      [
        '# Plan\n\n**Important** text',
        '<script>document.title = "hacked"</script><img src="x" onerror="document.title = \'hacked\'">',
        '<iframe src="https://evil.example"></iframe><svg onload="document.title = \'hacked\'"></svg>',
        '[click](javascript:alert(1)) ![picture](https://evil.example/x.png)',
      ].join('\n\n'),
    )
    await page.keyboard.press('Control+Enter')
    await panel.getByRole('heading', { name: 'Plan' }).waitFor()
    await panel.locator('strong', { hasText: 'Important' }).waitFor()
    await panel.getByText('<iframe').waitFor()
    const shown = panel.locator('.markdown')
    expect(await shown.locator('script, img, iframe, svg, [onload], [onerror], [href^="javascript" i]').count()).toBe(0)
    expect(await shown.getByRole('link', { name: 'picture' }).getAttribute('rel')).toContain('noopener')
    expect(await page.title()).not.toContain('hacked')
  })

  it('takes comments, in which @ mentions a member, who is told', async () => {
    const task = await newTask()
    const { page, panel } = await openTask(ann, task)
    const field = panel.getByRole('textbox', { name: 'Comment', exact: true })
    await field.pressSequentially('Please look, @Be')
    await page.getByRole('option', { name: 'Ben' }).waitFor()
    await page.keyboard.press('Enter')
    await field.pressSequentially('thanks')
    await page.keyboard.press('Control+Enter')
    await panel.getByRole('article', { name: 'Comment: Ann' }).getByText('Please look, @Ben thanks').waitFor()
    expect(await field.inputValue()).toBe('')
    await expect
      .poll(() => ben.call('GET', '/notifications'), { timeout: 20_000 })
      .toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ kind: 'mentioned', task_id: task.id })]) })

    await panel.getByRole('button', { name: 'Edit', exact: true }).click()
    await panel.getByRole('article').getByRole('textbox', { name: 'Comment', exact: true }).fill('Never mind')
    await panel.getByRole('button', { name: 'Save' }).click()
    await panel.getByRole('article').getByText('Never mind').waitFor()
    await panel.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await panel.getByRole('article').waitFor({ state: 'detached' })
  })

  it('watches and mutes', async () => {
    const task = await newTask()
    const { page, panel } = await openTask(ben, task)
    await panel.getByRole('button', { name: 'Watch', exact: true }).click()
    await panel.getByRole('button', { name: 'Watching', pressed: true }).waitFor()
    await panel.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: 'Mute' }).click()
    await panel.getByText('Muted: you are told only of').waitFor()
    await expect.poll(() => ben.call('GET', `/tasks/${task.id}`)).toMatchObject({ watching: true, muted: true })
    await page.reload()
    await panel.getByText('Muted: you are told only of').waitFor()
    await panel.getByRole('button', { name: 'Watching', pressed: true }).click()
    await expect.poll(() => ben.call('GET', `/tasks/${task.id}`)).toMatchObject({ watching: false })
  })

  it('has subtasks', async () => {
    const task = await newTask({ title: 'Whole' })
    const { page, panel } = await openTask(ann, task)
    await panel.getByRole('textbox', { name: 'Title of the new subtask' }).fill('First part')
    await page.keyboard.press('Enter')
    await page.keyboard.type('Second part')
    await page.keyboard.press('Enter')
    await panel.getByText('0 of 2 done').waitFor()
    await panel.getByRole('checkbox', { name: 'Complete “First part”' }).click()
    await panel.getByText('1 of 2 done').waitFor()
    await panel.getByRole('link', { name: /-\d+ Second part/ }).click()
    await panel.getByText('Part of').waitFor()
    await panel.getByRole('link', { name: 'Whole' }).click()
    await panel.getByText('1 of 2 done').waitFor()
  })

  it('moves a task to the trash, and undo brings it back for good', async () => {
    const task = await newTask({ title: 'Precious' })
    const { page, panel } = await openTask(ann, task)
    await panel.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: 'Move to the trash' }).click()
    await rowOf(page, 'Precious').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).click()
    await rowOf(page, 'Precious').waitFor()
    // The messages about both changes come later, and do not take it away again.
    await page.evaluate(() => {
      const isThere = () => [...document.querySelectorAll('main a')].some((link) => link.textContent.includes('Precious'))
      const look = () => isThere() || ((globalThis as any).wentAway = true)
      new MutationObserver(look).observe(document.querySelector('main')!, { childList: true, subtree: true })
    })
    await expectStored(task, { deleted_at: null })
    await newTask({ title: 'Later' })
    await rowOf(page, 'Later').waitFor()
    expect(await page.evaluate(() => (globalThis as any).wentAway)).toBeUndefined()
  })
})

describe('two people who change a task at once', () => {
  it('keep both changes if they are of different fields', async () => {
    const task = await newTask()
    const { page, panel } = await openTask(ann, task)
    await page.context().setOffline(true)
    await panel.getByRole('button', { name: /^Priority/ }).click()
    await page.getByRole('option', { name: 'High' }).click()
    await page.getByText('You are offline.').waitFor()
    await ben.call('PATCH', `/tasks/${task.id}`, { title: 'Named by Ben' })
    await page.context().setOffline(false)
    await expectStored(task, { priority: 'high', title: 'Named by Ben' })
    await rowOf(page, 'Named by Ben').waitFor()
    expect(await page.getByText('needs your decision').count()).toBe(0)
  })

  it('are asked whose value stays if it is the same field', async () => {
    const task = await newTask()
    const { page, panel } = await openTask(ann, task)
    await page.context().setOffline(true)
    await panel.getByRole('button', { name: /^Priority/ }).click()
    await page.getByRole('option', { name: 'High' }).click()
    await ben.call('PATCH', `/tasks/${task.id}`, { priority: 'low' })
    await page.context().setOffline(false)
    await page.getByText('One change needs your decision.').waitFor()
    // Until then, it is as the other one left it.
    await panel.getByRole('button', { name: /^Priority.*Low/ }).waitFor()
    await page.getByRole('button', { name: 'Show', exact: true }).click()
    await page.getByRole('dialog').getByRole('radio', { name: /Theirs.*Low/ }).waitFor()
    await expectAccessible(page)
    await page.getByRole('dialog').getByRole('radio', { name: /Mine.*High/ }).check()
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await expectStored(task, { priority: 'high' })
    await page.getByText('needs your decision').waitFor({ state: 'detached' })
    await panel.getByRole('button', { name: /^Priority.*High/ }).waitFor()
  })

  it('see what the other one wrote while they type', async () => {
    const task = await newTask({ title: 'Before' })
    const { panel } = await openTask(ann, task)
    const title = panel.getByRole('textbox', { name: 'Title', exact: true })
    await title.fill('Typed by Ann')
    await ben.call('PATCH', `/tasks/${task.id}`, { title: 'Typed by Ben' })
    await panel.getByText('Someone else changed this while you were typing.').waitFor()
    expect(await title.inputValue()).toBe('Typed by Ann')
    await panel.getByRole('button', { name: 'Take theirs' }).click()
    expect(await title.inputValue()).toBe('Typed by Ben')
    await title.press('Enter')
    await expectStored(task, { title: 'Typed by Ben' })
  })
})
