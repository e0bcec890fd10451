import { expect, test } from 'vitest'
import { nextTask, rowsOf } from './rows'
import type { Task } from '@/api/types'

const task = (id: string) => ({ id }) as Task

test('gives a task in two groups two rows, and counts what is loaded unless told', () => {
  const rows = rowsOf([
    { id: 'a', title: 'A', tasks: [task('1')], count: '1,000+' },
    { id: 'b', title: 'B', tasks: [task('1'), task('2')] },
    { id: 'c', tasks: [task('3')] },
  ])
  expect(rows.map(({ id }) => id)).toEqual(['a', 'a/1', 'b', 'b/1', 'b/2', 'c/3'])
  expect(rows.flatMap((row) => ('heading' in row ? row.count : []))).toEqual(['1,000+', '2'])
})

test('moves from task to task over headings', () => {
  const rows = rowsOf([
    { id: 'a', title: 'A', tasks: [task('1')] },
    { id: 'b', title: 'B', tasks: [task('2')] },
  ])
  expect(nextTask(rows, -1, 1)).toBe(1)
  expect(nextTask(rows, 1, 1)).toBe(3)
  expect(nextTask(rows, 3, -1)).toBe(1)
  expect(nextTask(rows, 3, 1)).toBe(-1)
})
