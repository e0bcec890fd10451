import { beforeEach, describe, expect, it } from 'vitest'
import { keys } from './keys'
import { queryClient } from './query-client'
import { type TaskPages, hideTask, showTask } from './tasks'
import type { Task } from '@/api/types'
import type { TaskQuery } from '@/tasks/query'
import { aTask } from '@/testing'

const query: TaskQuery = { project_id: 'project-1', status: ['todo'], sort: ['title'] }
const titles = (of: TaskQuery = query) =>
  queryClient.getQueryData<TaskPages>(keys.tasks(of))?.pages.flatMap(({ items }) => items.map(({ title }) => title))
const load = (pages: Task[][], complete = true) =>
  queryClient.setQueryData<TaskPages>(keys.tasks(query), {
    pages: pages.map((items, index) => ({
      items,
      next_cursor: complete && index === pages.length - 1 ? null : `page ${index + 2}`,
    })),
    pageParams: pages.map(() => undefined),
  })

beforeEach(() => queryClient.clear())

describe('showTask', () => {
  it('puts a new task in its place', () => {
    load([[aTask({ title: 'A' }), aTask({ title: 'C' })], [aTask({ title: 'E' })]])
    showTask(aTask({ title: 'D' }))
    showTask(aTask({ title: 'F' }))
    expect(titles()).toEqual(['A', 'C', 'D', 'E', 'F'])
  })

  it('does not show a task before the page that it belongs to is read', () => {
    load([[aTask({ title: 'A' })]], false)
    showTask(aTask({ title: 'Z' }))
    expect(titles()).toEqual(['A'])
  })

  it('moves and removes a changed task', () => {
    const task = aTask({ title: 'A' })
    load([[task, aTask({ title: 'B' })]])
    showTask({ ...task, title: 'C', version: 2 })
    expect(titles()).toEqual(['B', 'C'])
    showTask({ ...task, title: 'C', status: 'done', version: 3 })
    expect(titles()).toEqual(['B'])
  })

  it('ignores an older version than the shown one', () => {
    const task = aTask({ title: 'B', version: 5 })
    load([[task]])
    showTask({ ...task, title: 'A', version: 4 })
    expect(titles()).toEqual(['B'])
  })

  it('keeps whether one watches the task, which the feed does not say', () => {
    const task = aTask({ watching: true, muted: false })
    queryClient.setQueryData(keys.task(task.key), task)
    showTask({ ...task, title: 'New', version: 2, watching: undefined, muted: undefined })
    expect(queryClient.getQueryData(keys.task(task.key))).toMatchObject({ title: 'New', watching: true, muted: false })
  })
})

describe('hideTask', () => {
  it('removes a task from every list', () => {
    const task = aTask({ title: 'A' })
    load([[task, aTask({ title: 'B' })]])
    hideTask(task.id)
    expect(titles()).toEqual(['B'])
  })
})
