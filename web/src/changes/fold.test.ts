import { describe, expect, it } from 'vitest'
import type { Change, UpdateTask } from './change'
import { fold } from './fold'
import { aTask } from '@/testing'

let id = 0
const common = () => ({ id: String((id += 1)), user: 'ann', at: 0 })
const update = (taskId: string, changes: UpdateTask['changes'], before: UpdateTask['before'] = {}): UpdateTask => ({
  ...common(),
  kind: 'update-task',
  taskId,
  changes,
  before,
  version: 1,
})
const creation = (title: string): Change => ({
  ...common(),
  kind: 'create-task',
  task: aTask({ id: 'new-1', title }),
  body: { title },
})
const deletion = (taskId: string): Change => ({ ...common(), kind: 'delete-task', taskId, title: '' })
const comment = (taskId: string): Change => ({ ...common(), kind: 'create-comment', taskId, body: 'Done.' })

describe('fold', () => {
  it('makes one change of several changes of a task, from the first value to the last', () => {
    const first = update('a', { title: 'B' }, { title: 'A' })
    const second = update('a', { title: 'C', status: 'done' }, { title: 'B', status: 'todo' })
    const [folded, ...rest] = fold([first], second)
    expect(rest).toEqual([])
    expect(folded).toMatchObject({
      id: first.id,
      changes: { title: 'C', status: 'done' },
      before: { title: 'A', status: 'todo' },
    })
  })

  it('leaves changes of other tasks alone', () => {
    const waiting = [update('a', { title: 'B' }), update('b', { title: 'C' })]
    expect(fold(waiting, update('c', { title: 'D' }))).toHaveLength(3)
  })

  it('does not change what the server may have', () => {
    const sent: Change = { ...update('a', { title: 'B' }), tried: true }
    expect(fold([sent], update('a', { title: 'C' }))).toHaveLength(2)
    const created: Change = { ...creation('A'), tried: true }
    expect(fold([created], update('new-1', { title: 'B' }))).toHaveLength(2)
    expect(fold([created], deletion('new-1')).map(({ kind }) => kind)).toEqual(['create-task', 'delete-task'])
  })

  it('does not touch the changes of another person in the same browser', () => {
    const waiting: Change[] = [{ ...update('a', { title: 'B' }), user: 'bob' }]
    expect(fold(waiting, update('a', { title: 'C' }))).toMatchObject([
      { user: 'bob', changes: { title: 'B' } },
      { user: 'ann', changes: { title: 'C' } },
    ])
    expect(fold(waiting, deletion('a'))).toHaveLength(2)
  })

  it('does not change what waits for a decision', () => {
    const held: Change = { ...update('a', { title: 'B' }), held: { reason: 'conflict' } }
    expect(fold([held], update('a', { title: 'C' }))).toHaveLength(2)
  })

  it('makes a change part of the creation of an unsent task', () => {
    const [created, ...rest] = fold([creation('A')], update('new-1', { title: 'B', labels: null }))
    expect(rest).toEqual([])
    expect(created).toMatchObject({ body: { title: 'B', labels: null }, task: { title: 'B', labels: [] } })
  })

  it('removes an unsent task with all that was done to it when it is deleted', () => {
    const waiting = [creation('A'), comment('new-1'), update('b', { title: 'C' })]
    expect(fold(waiting, deletion('new-1'))).toEqual([waiting[2]])
  })

  it('does not send changes of a task that is deleted, but its comments', () => {
    const waiting = [update('a', { title: 'B' }), comment('a')]
    expect(fold(waiting, deletion('a')).map(({ kind }) => kind)).toEqual(['create-comment', 'delete-task'])
  })

  it('does nothing for a deletion that is taken back before it was sent', () => {
    expect(fold([deletion('a')], { ...common(), kind: 'restore-task', taskId: 'a', title: '' })).toEqual([])
  })

  it('keeps the last place of a task only', () => {
    const place = (after: string): Change => ({ ...common(), kind: 'rank-task', taskId: 'a', before: null, after })
    expect(fold([place('b')], place('c'))).toMatchObject([{ after: 'c' }])
  })

  it('sends nothing for a change that is taken back', () => {
    const waiting = [update('a', { status: 'done' }, { status: 'todo' })]
    expect(fold(waiting, update('a', { status: 'todo' }, { status: 'done' }))).toEqual([])
  })

  it('does not fold a change across another one of the same task', () => {
    const waiting = [update('a', { title: 'B' }), comment('a')]
    expect(fold(waiting, update('a', { title: 'C' }))).toHaveLength(3)
  })
})
