import { type Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { expectAccessible, expectNoSidewaysScroll, windowOf } from './support/browser'
import { createProject, register } from './support/system'

const text = (page: Page) => page.getByRole('textbox', { name: 'New tasks, one on each line' })
const dialog = (page: Page) => page.getByRole('dialog', { name: 'New task' })
const chip = (page: Page, name: string) => dialog(page).getByRole('button', { name })
const menu = (page: Page) => page.getByRole('combobox', { name: 'Commands' })

async function team() {
  const [ann, bob] = await Promise.all([register('Ann'), register('Bob')])
  const project = await createProject(ann, [bob])
  return { ann, bob, project }
}

describe('quick add', () => {
  it('recognises what is written, and gives it back with one click', async () => {
    const { ann, bob, project } = await team()
    const page = await windowOf(ann, `/projects/${project.key}`)
    await page.getByRole('heading', { name: 'Website' }).waitFor()
    await page.keyboard.press('c')
    await text(page).fill('Call the printer tomorrow 9:30 !high #print @bo')
    await page.getByRole('option', { name: 'Bob' }).waitFor()
    await page.keyboard.press('Enter')
    await chip(page, 'Assignee: Bob').waitFor()
    await chip(page, 'Priority: High').waitFor()
    await chip(page, 'Label: print').waitFor()
    await expectAccessible(page)
    await chip(page, 'Label: print').click()
    await chip(page, 'Label: print').waitFor({ state: 'detached' })
    await page.keyboard.press('Enter')
    await dialog(page).waitFor({ state: 'detached' })
    await page.getByRole('main').getByRole('link', { name: 'Call the printer #print' }).waitFor()

    const read = async () => (await ann.call('GET', `/tasks?project_id=${project.id}`)).items
    await expect.poll(read).toMatchObject([{ title: 'Call the printer #print', priority: 'high', assignee_id: bob.id, labels: [] }])
    const due = new Date((await read())[0].due_at).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin' })
    expect(due).toBe('09:30:00')
    await page.keyboard.press('z')
    await expect.poll(read).toEqual([])
  })

  it('creates several tasks with subtasks, and keeps what is not created yet', async () => {
    const { ann, project } = await team()
    const page = await windowOf(ann, '/my-work', { phone: true })
    await page.getByRole('button', { name: 'New task' }).first().click()
    await text(page).fill(`Plan the party +${project.key}\n  Order cake !urgent\n  Invite everybody\nClean up`)
    await page.getByRole('list', { name: 'What is created' }).getByText('Clean up').waitFor()
    await expectNoSidewaysScroll(page)
    await page.keyboard.press('Escape')
    await page.reload()
    await page.getByRole('button', { name: 'New task' }).first().click()
    await page.getByRole('button', { name: 'Create 4 tasks' }).click()
    await page.getByText('4 tasks are created.').waitFor()
    await page.getByRole('main').getByRole('link', { name: 'Clean up' }).waitFor()
    const read = async () => (await ann.call('GET', `/tasks?project_id=${project.id}&sort=created_at`)).items
    await expect.poll(async () => (await read()).length).toBe(3)
    const [plan, ...subtasks] = await read()
    expect(plan).toMatchObject({ title: 'Plan the party', parent_id: null })
    expect(subtasks).toMatchObject([
      { title: 'Order cake', priority: 'urgent', parent_id: plan.id },
      { title: 'Invite everybody', parent_id: plan.id },
    ])
  })
})

describe('the command menu', () => {
  it('finds projects, tasks, people and actions', async () => {
    const { ann, bob, project } = await team()
    const task = await ann.call('POST', '/tasks', { project_id: project.id, title: 'Translate the manual', assignee_id: bob.id })
    const page = await windowOf(ann)
    const run = async (words: string, option: string) => {
      await page.keyboard.press('Control+k')
      await menu(page).fill(words)
      await page.getByRole('option', { name: option, selected: true }).waitFor()
      await page.keyboard.press('Enter')
      await menu(page).waitFor({ state: 'detached' })
    }
    await run(project.key, 'Website')
    await page.getByRole('heading', { name: 'Website' }).waitFor()
    await run('translate man', 'Translate the manual')
    await page.getByRole('complementary', { name: 'Task' }).getByRole('heading', { name: 'Translate the manual' }).waitFor()

    await page.keyboard.press('Control+k')
    await expectAccessible(page)
    await menu(page).fill('priority')
    await page.keyboard.press('Enter')
    await page.getByRole('option', { name: 'Urgent' }).click()
    await expect.poll(() => ann.call('GET', `/tasks/${task.id}`)).toMatchObject({ priority: 'urgent' })

    await run('calendar', 'Calendar')
    await page.getByRole('heading', { name: 'Calendar' }).waitFor()
    await page.keyboard.press('Control+k')
    await menu(page).fill(bob.email)
    await page.getByRole('option', { name: `Bob ${bob.email}` }).click()
    await page.getByRole('main').getByRole('link', { name: 'Translate the manual' }).waitFor()
  })

  it('stands beside a list of all keys', async () => {
    const page = await windowOf(await register('Ann'))
    await page.keyboard.press('?')
    const keys = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
    await keys.getByText('Go to').waitFor()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await keys.waitFor({ state: 'detached' })
    await page.keyboard.press('g')
    await page.keyboard.press('s')
    await page.getByRole('heading', { name: 'Profile' }).waitFor()
  })
})
