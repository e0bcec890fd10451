/** What a small team works on: data for the tests that look at every screen, and for the pictures in the documentation. */

import { type Account, register } from './system'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR
/** Returns the time at an hour (UTC) of the day that is so many days from today, in Berlin, where the people live. */
const at = (days: number, hour = days === 0 ? 21 : 16) =>
  new Date(new Date(Date.now() + HOUR + days * DAY).setUTCHours(hour, 0, 0, 0)).toISOString()

interface Planned {
  title: string
  /** Whose it is: `me` is the person who is shown. */
  of?: 'me' | 'jonas'
  status?: 'todo' | 'in_progress' | 'done' | 'cancelled'
  priority?: 'low' | 'medium' | 'high' | 'urgent'
  due?: number
  labels?: string[]
}

const TASKS: Planned[] = [
  { title: 'Move the newsletter sign-up to the footer', of: 'me', priority: 'low', labels: ['design'], due: 12 },
  { title: 'Redirect the old addresses of the blog', of: 'jonas', priority: 'high', labels: ['backend', 'seo'], due: 4 },
  { title: 'Write the texts of the pricing page', of: 'me', priority: 'high', labels: ['content'], due: 0 },
  { title: 'Photos of the new office', priority: 'low', labels: ['content'] },
  { title: 'The menu covers the logo on small phones', of: 'me', priority: 'urgent', labels: ['bug', 'design'], due: -1 },
  { title: 'Choose a place for the usability tests', of: 'jonas', priority: 'medium', due: 6 },
  { title: 'Compress the pictures of the start page', of: 'jonas', status: 'in_progress', priority: 'medium', labels: ['performance'], due: 1 },
  { title: 'New start page', of: 'me', status: 'in_progress', priority: 'high', labels: ['design'], due: 3 },
  { title: 'Contact form: confirm that the message was sent', of: 'me', status: 'in_progress', priority: 'medium', labels: ['backend'], due: 0 },
  { title: 'Let visitors choose the language, and remember what they chose for the next visit', status: 'in_progress', priority: 'medium', labels: ['backend', 'design', 'content', 'seo'] },
  { title: 'Agree on the colours and the typeface', of: 'me', status: 'done', priority: 'high', labels: ['design'], due: -3 },
  { title: 'Set up the test server', of: 'jonas', status: 'done', priority: 'medium', labels: ['backend'], due: -6 },
  { title: 'Interviews with five customers', of: 'me', status: 'done', priority: 'medium', due: -8 },
  { title: 'Keep the old shop', status: 'cancelled', priority: 'low' },
]

export interface Demo {
  me: Account
  jonas: Account
  /** The project with the tasks. */
  project: { id: string; key: string }
  /** The key of the task that has a description, subtasks, comments and a history. */
  task: string
  /** The id of a report that is ready. */
  report: string
}

/** Creates a project with a key that begins so. */
async function project(owner: Account, key: string, name: string, description = '') {
  for (let number = 1; ; number += 1) {
    try {
      return await owner.call<{ id: string; key: string }>('POST', '/projects', { key: number > 1 ? key + number : key, name, description })
    } catch (error) {
      if (number > 99 || !String(error).includes('409')) throw error
    }
  }
}

/** Asks until the answer is there. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let attempt = 0; attempt < 150; attempt += 1) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('what was asked for did not come within 30 seconds')
}

/** Registers Maria and Jonas, and makes what they work on. */
export async function createDemo(key = 'WEB'): Promise<Demo> {
  const [me, jonas] = await Promise.all([register('Maria Silva'), register('Jonas Weber')])
  const website = await project(me, key, 'Website relaunch', 'The new website, to be online before the fair in spring.')
  const office = await project(jonas, 'OFFICE', 'Move to the new office')
  await me.call('PUT', `/projects/${website.id}/members/${jonas.id}`, { role: 'member' })
  await jonas.call('PUT', `/projects/${office.id}/members/${me.id}`, { role: 'member' })

  const keys = new Map<string, { id: string; key: string }>()
  for (const { title, of, status, priority, due, labels } of TASKS) {
    // What is Maria's was given to her by Jonas, so that her inbox has something to say.
    const task = await (of === 'me' ? jonas : me).call<{ id: string; key: string }>('POST', '/tasks', {
      project_id: website.id,
      title,
      priority,
      labels,
      assignee_id: of === 'me' ? me.id : of && jonas.id,
      due_at: due === undefined ? undefined : at(due),
    })
    keys.set(title, task)
    if (status) await me.call('PUT', `/tasks/${task.id}/status`, { status })
  }
  const main = keys.get('New start page')!
  await me.call('PATCH', `/tasks/${main.id}`, {
    description:
      'Visitors should see within **five seconds** what we offer.\n\n- One sentence, one picture\n- The three plans, with prices\n- What customers say\n\nThe drafts are in the [design folder](https://example.com/drafts).',
  })
  for (const [title, done] of [['Draft of the first screen', true], ['Ask two customers for a quote', false], ['Check it on a slow phone', false]] as const) {
    const { id } = await me.call('POST', '/tasks', { project_id: website.id, parent_id: main.id, title, assignee_id: done ? me.id : jonas.id })
    if (done) await me.call('PUT', `/tasks/${id}/status`, { status: 'done' })
  }
  await jonas.call('POST', `/tasks/${main.id}/comments`, { body: 'The first draft is good. Can we try a **calmer picture**?' })
  await me.call('POST', `/tasks/${main.id}/comments`, { body: `Yes: I will ask the photographer. @[Jonas Weber](user:${jonas.id}), can you look at the plans meanwhile?` })
  await jonas.call('POST', `/tasks/${main.id}/comments`, { body: `@[Maria Silva](user:${me.id}) The plans are fine. Only the yearly prices are missing.` })
  await jonas.call('POST', `/tasks/${keys.get('Write the texts of the pricing page')!.id}/comments`, { body: 'Legal wants to read them before Friday.' })

  for (const [title, due] of [['Order desks for six people', 2], ['Tell the post office the new address', 9], ['Book the movers', -2]] as const) {
    await jonas.call('POST', '/tasks', { project_id: office.id, title, assignee_id: me.id, due_at: at(due), labels: ['office'] })
  }
  await me.call('POST', '/tasks', { title: 'Renew the travel card', due_at: at(1, 9) })
  await me.call('POST', '/tasks', { title: 'Weekly notes for the team', due_at: at(0), recurrence: { rrule: 'FREQ=WEEKLY', time_zone: 'Europe/Berlin' } })
  await me.call('POST', '/tasks', { title: 'Read the book about typography' })
  const gone = await me.call('POST', '/tasks', { project_id: website.id, title: 'A counter of visitors' })
  await me.call('DELETE', `/tasks/${gone.id}`)

  const { id } = await me.call('POST', '/reports', { kind: 'completion', project_id: website.id, from: at(-13, 0), to: at(1, 0), format: 'json' })
  const report = await until(async () => ((await me.call('GET', `/reports/${id}`)).status === 'ready' ? (id as string) : undefined))
  // The last of what Jonas did has reached Maria's inbox.
  await until(async () => ((await me.call('GET', '/notifications')).unread_count >= 10 ? true : undefined))
  return { me, jonas, project: website, task: main.key, report }
}
