/** Follows the changes of the projects that are shown, without gaps (docs/websocket.md, "Following a project"). */

import { onScopeDispose, watch } from 'vue'
import { apply, readAgain } from './apply'
import { Sequence } from './sequence'
import { type Message, onConnected, onMessage, request } from './socket'
import { api, ask } from '@/api/client'
import { Problem } from '@/api/problem'
import type { FeedItem } from '@/api/types'

/** How long a missing message may still arrive before it is read over HTTP. */
const GAP_MS = 1_500
/** As many as one connection follows. */
const MOST = 50
/** Projects that are opened together read their lists again together. */
const TOGETHER_MS = 150

interface Followed {
  /** How many components show the project. */
  users: number
  /** What is known of its changes. It outlives the components, so that a project that is shown again only catches up. */
  sequence?: Sequence<FeedItem>
  /** Changes that came before the response to `open`. */
  early: FeedItem[]
  timer?: ReturnType<typeof setTimeout>
}
const followed = new Map<string, Followed>()
const unread = new Set<string>()
let readTimer: ReturnType<typeof setTimeout> | undefined

/** Follows a project while the component that calls this is mounted. */
export function useLiveProject(projectId: () => string | undefined): void {
  useLiveProjects(() => [projectId() ?? ''])
}

/** Follows several projects while the component that calls this is mounted: the first 50, which one connection takes. */
export function useLiveProjects(projectIds: () => readonly string[]): void {
  let shown = new Set<string>()
  const show = (wanted: Set<string>) => {
    for (const id of wanted) if (!shown.has(id)) follow(id)
    for (const id of shown) if (!wanted.has(id)) unfollow(id)
    shown = wanted
  }
  watch(
    () => [...new Set(projectIds())].filter(Boolean).slice(0, MOST).toSorted().join(),
    (ids) => show(new Set(ids ? ids.split(',') : [])),
    { immediate: true },
  )
  onScopeDispose(() => show(new Set()))
}

function follow(id: string): void {
  const project = followed.get(id) ?? { users: 0, early: [] }
  followed.set(id, project)
  project.users += 1
  if (project.users === 1) void open(id)
}

function unfollow(id: string): void {
  const project = followed.get(id)
  if (!project || (project.users -= 1) > 0) return
  clearTimeout(project.timer)
  request({ action: 'close', project_id: id }).catch(() => undefined)
}

/** Opens the project on the connection, and reads what was missed. */
async function open(id: string): Promise<void> {
  const project = followed.get(id)
  if (!project?.users) return
  try {
    const since = project.sequence?.last
    const opened = await request({ action: 'open', project_id: id, ...(since === undefined ? {} : { since }) })
    const last = Number(opened.last)
    if (!project.sequence) {
      project.sequence = new Sequence(last)
      for (const item of project.early.splice(0)) take(id, item)
      // What was read before the project was open may lack changes.
      readTogether(id)
    } else if (opened.more || project.sequence.last < last) await catchUp(id)
  } catch (error) {
    await recover(id, error)
  }
}

function readTogether(id: string): void {
  unread.add(id)
  const since = Date.now()
  readTimer ??= setTimeout(() => {
    readTimer = undefined
    readAgain(new Set(unread), since)
    unread.clear()
  }, TOGETHER_MS)
}

/** Reads the changes after the last known one over HTTP. */
async function catchUp(id: string): Promise<void> {
  const project = followed.get(id)
  if (!project?.sequence) return
  try {
    for (;;) {
      const query = { since: project.sequence.last }
      const feed = await ask(api.GET('/v1/projects/{id}/changes', { params: { path: { id }, query } }))
      for (const item of feed.items) take(id, item)
      if (!feed.more || project.sequence.last === query.since) return
    }
  } catch (error) {
    await recover(id, error)
  }
}

async function recover(id: string, error: unknown): Promise<void> {
  const project = followed.get(id)
  if (!project || !(error instanceof Problem)) return
  if (error.status === 410) {
    // Changes after the last known one are no longer kept.
    project.sequence = undefined
    await open(id)
  } else if (error.status === 404) {
    // The person was removed from the project, or it is gone.
    followed.delete(id)
    readAgain(new Set([id]), Date.now())
  }
}

function take(id: string, item: FeedItem): void {
  const project = followed.get(id)
  if (!project?.sequence) {
    project?.early.push(item)
    return
  }
  for (const ready of project.sequence.take(item.n, item)) apply(id, ready)
  clearTimeout(project.timer)
  if (project.sequence.hasGap) project.timer = setTimeout(() => void catchUp(id), GAP_MS)
}

onMessage((message: Message) => {
  if (message.type !== 'task' && message.type !== 'comment' && message.type !== 'project') return
  const item = message as unknown as FeedItem & { project_id: string }
  take(item.project_id, item)
})
onConnected(() => {
  for (const id of followed.keys()) void open(id)
})
