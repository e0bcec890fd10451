import { expect, test } from 'vitest'
import { parseReport } from './report'
import { activityBars, activitySeries, completionSeries, durationSeries, latenessBars, workloadBars } from './series'

const person = (person_id: string | null, name: string, counts: number[]) => {
  const [todo, in_progress, overdue, done, cancelled] = counts as [number, number, number, number, number]
  return { person_id, person: name, todo, in_progress, overdue, done, cancelled }
}

test('people are ordered by how many tasks they have; overdue ones are not counted twice', () => {
  const bars = workloadBars([person('1', 'Ann', [1, 0, 1, 1, 0]), person(null, '(nobody)', [4, 0, 2, 0, 1])], 'Niemand')
  expect(bars).toEqual([
    { label: 'Niemand', parts: { todo: 4, in_progress: 0, done: 0, cancelled: 1 }, total: 5 },
    { label: 'Ann', parts: { todo: 1, in_progress: 0, done: 1, cancelled: 0 }, total: 2 },
  ])
})

test('the total of a completion report is no point in time', () => {
  const times = { lead_hours_median: 2.5, lead_hours_p90: 4, cycle_hours_median: null, cycle_hours_p90: null }
  const rows = [
    { step: 'day', date: '2030-03-01', created: 2, completed: 1, ...times },
    { step: 'day', date: '2030-03-02', created: 0, completed: 1, ...times },
    { step: 'total', date: null, created: 2, completed: 2, ...times },
  ] as const
  const days = ['2030-03-01', '2030-03-02']
  expect(completionSeries(rows)).toEqual({ days, values: { created: [2, 0], completed: [1, 1] } })
  expect(durationSeries(rows)).toEqual({ days, values: { lead: [2.5, 2.5], cycle: [null, null] } })
})

const late = (days_late: number, completed_at: string | null = null) => ({
  key: 'WEB-1',
  title: 'A',
  project: 'Web',
  assignee: null,
  priority: 'low',
  status: 'todo',
  due_at: '2030-03-01T12:00:00Z',
  completed_at,
  days_late,
})

test('late tasks are grouped by days', () => {
  const bars = latenessBars([late(0.9), late(1), late(2.9, '2030-03-04T09:36:00Z'), late(400)], ['a', 'b', 'c', 'd', 'e'])
  expect(bars.map(({ label, parts }) => [label, parts.open, parts.done])).toEqual([
    ['a', 1, 0],
    ['b', 1, 1],
    ['c', 0, 0],
    ['d', 0, 0],
    ['e', 1, 0],
  ])
})

const entry = (at: string, name: string) => ({ at, person: name, kind: 'updated', key: 'WEB-1', title: 'A', project: 'Web', changes: null })

test('activity is counted by days of the time zone, also on the day that has 23 hours', () => {
  const rows = [entry('2030-03-29T23:30:00Z', 'Ann'), entry('2030-03-31T00:00:00Z', 'Bob'), entry('2030-03-31T21:59:59Z', 'Bob')]
  // In Berlin, the clocks go forward on 31 March.
  const series = activitySeries(rows, '2030-03-29T23:00:00Z', '2030-04-01T22:00:00Z', 'Europe/Berlin')
  expect(series).toEqual({ days: ['2030-03-30', '2030-03-31', '2030-04-01'], values: { changes: [1, 2, 0] } })
  expect(activityBars(rows).map(({ label, total }) => [label, total])).toEqual([
    ['Bob', 2],
    ['Ann', 1],
  ])
})

test('only a report is read', () => {
  const text = JSON.stringify({ kind: 'overdue', from: '2030-03-01T00:00:00Z', to: '2030-04-01T00:00:00Z', rows: [] })
  expect(parseReport(text)?.kind).toBe('overdue')
  for (const other of ['', '[]', 'null', '{"kind":"overdue"}', text.replace('overdue', 'other')]) expect(parseReport(other)).toBeUndefined()
})
