import { type Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { expectAccessible, expectNoSidewaysScroll, windowOf } from './support/browser'
import { type Account, createProject, register } from './support/system'

/** Two people of one project, and what one of them is told of. */
async function team() {
  const [ann, bob] = await Promise.all([register('Ann'), register('Bob')])
  const { id } = await createProject(bob, [ann])
  await told(ann, 1)
  const [added] = (await inboxOf(ann)).items
  await ann.call('PATCH', `/notifications/${added.id}`, { archived: true })
  const assign = (title: string) => bob.call('POST', '/tasks', { project_id: id, title, assignee_id: ann.id })
  const comment = (task: { id?: string }, body: string) => bob.call('POST', `/tasks/${task.id}/comments`, { body })
  return { ann, bob, assign, comment }
}

const inboxOf = (person: Account, state = 'inbox') => person.call('GET', `/notifications?state=${state}`)
/** Waits until the person has as many unread notifications. */
const told = (person: Account, count: number) =>
  expect.poll(async () => (await inboxOf(person)).unread_count).toBe(count)
const expectTitle = (page: Page, title: RegExp) => expect.poll(() => page.title()).toMatch(title)

const list = (page: Page) => page.getByRole('list', { name: 'Notifications' })
const line = (page: Page, title: string) => list(page).getByRole('link', { name: title })

describe('the inbox', () => {
  it('shows at once what another person does, with the count in the title', async () => {
    const { ann, assign, comment } = await team()
    const page = await windowOf(ann, '/inbox')
    await expectTitle(page, /^Inbox/)
    const task = await assign('Renew the certificate')
    await line(page, 'Renew the certificate').getByText('Bob assigned it to you').waitFor()
    await expectTitle(page, /^\(1\) Inbox/)
    await comment(task, 'It ends on Friday')
    await line(page, 'Renew the certificate').getByText('Bob commented: “It ends on Friday”').waitFor()
    await expectTitle(page, /^\(2\) Inbox/)

    await line(page, 'Renew the certificate').click()
    const opened = page.getByRole('region', { name: 'The open notification' })
    await opened.getByRole('heading', { name: 'Renew the certificate' }).waitFor()
    await opened.getByText('It is assigned to you').first().waitFor()
    await expectTitle(page, /^Inbox/)
    await told(ann, 0)
    await expectAccessible(page)
  })

  it('is worked through by keys, and each step is taken back', async () => {
    const { ann, assign } = await team()
    const chairs = await assign('Count the chairs')
    await assign('Paint the door')
    await told(ann, 2)
    const page = await windowOf(ann, '/inbox')
    await line(page, 'Paint the door').waitFor()

    await page.keyboard.press('j')
    await page.keyboard.press('u')
    await expectTitle(page, /^\(1\)/)
    await page.keyboard.press('z')
    await expectTitle(page, /^\(2\)/)

    await page.keyboard.press('e')
    await line(page, 'Paint the door').waitFor({ state: 'detached' })
    await expectTitle(page, /^\(1\)/)
    await page.keyboard.press('z')
    await line(page, 'Paint the door').waitFor()
    await told(ann, 2)

    await line(page, 'Paint the door').focus()
    await page.keyboard.press('s')
    await page.getByRole('menuitem', { name: 'Tomorrow morning' }).waitFor()
    await page.keyboard.press('End')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Enter')
    await line(page, 'Paint the door').waitFor({ state: 'detached' })
    await expect.poll(async () => (await inboxOf(ann, 'snoozed')).items.length).toBe(1)
    await page.getByRole('link', { name: 'Snoozed' }).click()
    await line(page, 'Paint the door').getByText('Until').waitFor()
    await page.keyboard.press('z')
    await line(page, 'Paint the door').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Inbox' }).last().click()
    await line(page, 'Paint the door').waitFor()

    await line(page, 'Count the chairs').focus()
    await page.keyboard.press('m')
    await page.getByText('is muted.').waitFor()
    expect(await ann.call('GET', `/tasks/${chairs.id}`)).toMatchObject({ muted: true })
    await page.keyboard.press('Shift+E')
    await line(page, 'Count the chairs').waitFor({ state: 'detached' })
    await line(page, 'Paint the door').waitFor()
  })

  it('misses and repeats nothing after the connection was lost', async () => {
    const { ann, assign, comment } = await team()
    const page = await windowOf(ann, '/inbox')
    await page.routeWebSocket(/live/, (socket) => {
      socket.connectToServer()
      lose = () => socket.close()
    })
    let lose: () => Promise<void> = async () => undefined
    await page.reload()
    const task = await assign('Before')
    await line(page, 'Before').waitFor()

    await page.route('**/v1/realtime/tickets', (route) => route.abort())
    await lose()
    await page.getByText('Connection lost. Trying again…').waitFor()
    for (const number of [1, 2, 3, 4]) await assign(`Missed ${number}`)
    await comment(task, 'Missed, too')
    await told(ann, 6)
    await page.unroute('**/v1/realtime/tickets')
    await page.getByText('Connection lost. Trying again…').waitFor({ state: 'hidden' })
    await line(page, 'Missed 1').waitFor()
    await line(page, 'Before').getByText('Missed, too').waitFor()
    await expectTitle(page, /^\(6\)/)
    const lines = await list(page).getByRole('link').allTextContents()
    // In any order: several changes at once are handled concurrently, so their notifications may overtake each other.
    const titles = lines.map((text) => /Missed \d|Before/.exec(text)?.[0])
    expect(titles.toSorted()).toEqual(['Before', 'Missed 1', 'Missed 2', 'Missed 3', 'Missed 4'])
  })

  it('fits on a phone, and leads back to the list', async () => {
    const { ann, assign } = await team()
    await assign('Renew the certificate of the server in the cellar, which nobody has looked at for years')
    const page = await windowOf(ann, '/inbox', { phone: true, dark: true })
    await line(page, 'Renew the certificate').waitFor()
    await expectNoSidewaysScroll(page)
    await expectAccessible(page)
    await line(page, 'Renew the certificate').click()
    await page.getByRole('button', { name: 'Done' }).first().waitFor()
    await expectNoSidewaysScroll(page)
    await page.goBack()
    await line(page, 'Renew the certificate').waitFor()
  })
})
