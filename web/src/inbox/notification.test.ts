import { expect, test } from 'vitest'
import { grouped, titleIn } from './grouping'
import { type Notification, backTo, belongs, patched } from './notification'
import { type InboxPages, put } from './store'

const NOW = '2026-01-14T09:20:00.000Z'

const made = (seq: number, fields: Partial<Notification> = {}): Notification => ({
  id: `n${seq}`,
  seq,
  kind: 'task_updated',
  title: 'Ann changed WEB-1: title',
  body: 'Renew it',
  data: {},
  created_at: NOW,
  ...fields,
})
const pagesOf = (...pages: Notification[][]): InboxPages => ({
  pages: pages.map((items, index) => ({ items, unread_count: 0, next_cursor: index < pages.length - 1 ? 'more' : null })),
  pageParams: pages.map(() => undefined),
})
const state = ({ read_at, archived_at, snoozed_until }: Notification) => [read_at ?? null, archived_at ?? null, snoozed_until ?? null]
const seqs = (pages: InboxPages) => pages.pages.map((page) => page.items.map(({ seq }) => seq))

test('archiving reads, and ends a snooze', () => {
  const done = patched(made(1, { snoozed_until: NOW }), { archived: true }, NOW)
  expect(done).toMatchObject({ archived_at: NOW, read_at: NOW, snoozed_until: null })
  expect(belongs(done, 'archived') && !belongs(done, 'inbox') && !belongs(done, 'snoozed')).toBe(true)
})

test('what is unread again is back in the inbox', () => {
  const back = patched(made(1, { archived_at: NOW, read_at: NOW }), { read: false }, NOW)
  expect(belongs(back, 'unread')).toBe(true)
})

test('every change can be taken back', () => {
  const states = [made(1), made(1, { read_at: NOW }), made(1, { snoozed_until: NOW }), made(1, { archived_at: NOW, read_at: NOW })]
  for (const before of states) {
    for (const patch of [{ archived: true }, { read: true }, { read: false }, { snoozed_until: NOW }, { archived: false }]) {
      const after = patched(patched(before, patch, NOW), backTo(before), NOW)
      expect([patch, state(after)]).toEqual([patch, state(before)])
    }
  }
})

test('a notification gets into its place, and only once', () => {
  const pages = pagesOf([made(9), made(7)], [made(5), made(3)])
  expect(seqs(put(pages, 'inbox', made(10)))).toEqual([[10, 9, 7], [5, 3]])
  expect(seqs(put(pages, 'inbox', made(6)))).toEqual([[9, 7], [6, 5, 3]])
  expect(seqs(put(put(pages, 'inbox', made(6)), 'inbox', made(6)))).toEqual([[9, 7], [6, 5, 3]])
  expect(seqs(put(pages, 'inbox', made(7, { archived_at: NOW })))).toEqual([[9], [5, 3]])
})

test('what is read stays in the list of unread ones until that is read again', () => {
  const pages = pagesOf([made(2), made(1)])
  expect(seqs(put(pages, 'unread', made(2, { read_at: NOW })))).toEqual([[2, 1]])
  expect(seqs(put(pages, 'unread', made(2, { archived_at: NOW, read_at: NOW })))).toEqual([[1]])
  expect(seqs(put(pages, 'unread', made(3, { read_at: NOW })))).toEqual([[2, 1]])
})

test('notifications about one task are one group', () => {
  const comment = made(4, { task_id: 'a', kind: 'task_commented', body: 'The old one expires' })
  const groups = grouped([comment, made(3, { kind: 'report_ready' }), made(2, { task_id: 'a', read_at: NOW }), made(1, { task_id: 'b' })])
  expect(groups.map(({ id, items, unread }) => [id, items.length, unread])).toEqual([['a', 2, 1], ['n3', 1, 1], ['b', 1, 1]])
  expect(groups.map(titleIn)).toEqual(['Renew it', 'Renew it', 'Renew it'])
  expect(titleIn(grouped([comment])[0]!)).toBeUndefined()
})
