import { describe, expect, it } from 'vitest'
import { changesBetween, placeAt, rankBetween } from './board-order'
import type { Task } from '@/api/types'

const task = (id: string, rank: string, labels: string[] = []): Task =>
  ({ id, rank, labels, status: 'todo' }) as unknown as Task

describe('a rank between two', () => {
  const pairs: [string, string][] = [
    ['0000000001', '0000000002'],
    ['0000000001', '0000000001V'],
    ['0000000001V', '0000000002'],
    ['0000000001z', '0000000002'],
    ['0000000001', '00000000011'],
    ['0000000001', '000000000101'],
    ['0000000001zz', '0000000001zzV'],
    ['0000000009', '0000000010'],
    ['0000000001Zz', '0000000001a'],
  ]
  it.each(pairs)('is behind %s and before %s', (lower, upper) => {
    const rank = rankBetween(lower, upper)
    expect(lower < rank).toBe(true)
    expect(rank < upper).toBe(true)
  })

  it('is before the first and behind the last', () => {
    expect(rankBetween(undefined, '0000000001') < '0000000001').toBe(true)
    expect(rankBetween('zzzz', undefined) > 'zzzz').toBe(true)
  })

  it('stays between when many are put at the same place', () => {
    let upper = '0000000002'
    for (let n = 0; n < 200; n += 1) {
      const rank = rankBetween('0000000001', upper)
      expect('0000000001' < rank && rank < upper).toBe(true)
      upper = rank
    }
    let lower = '0000000001'
    for (let n = 0; n < 200; n += 1) {
      const rank = rankBetween(lower, '0000000002')
      expect(lower < rank && rank < '0000000002').toBe(true)
      lower = rank
    }
  })

  it('ends, and is behind the first, where there is no room', () => {
    expect(rankBetween('00000000010', '00000000010') > '00000000010').toBe(true)
    expect(rankBetween('0000000001', '00000000010') > '0000000001').toBe(true)
  })

  it('is behind a task that the server does not have', () => {
    expect(rankBetween('~', undefined) > '~').toBe(true)
    const rank = rankBetween('0000000005', '~')
    expect('0000000005' < rank && rank < '~').toBe(true)
  })
})

describe('a place in a column', () => {
  const [a, b, c] = [task('a', '0000000001'), task('b', '0000000002'), task('c', '0000000003')]

  it('names the neighbour that was aimed at', () => {
    expect(placeAt([a, b, c], c, 1, 'before')).toMatchObject({ before: 'b', after: null })
    expect(placeAt([a, b, c], c, 1, 'after')).toMatchObject({ before: null, after: 'a' })
  })

  it('is between the ranks of both neighbours', () => {
    const { rank } = placeAt([a, b, c], c, 1, 'before')!
    expect(a.rank < rank && rank < b.rank).toBe(true)
  })

  it('is the first and the last', () => {
    expect(placeAt([a, b, c], c, 0, 'after')).toMatchObject({ before: 'a', after: null })
    expect(placeAt([a, b, c], a, 9, 'before')).toMatchObject({ before: null, after: 'c' })
  })

  it('is nothing to send where it is already, or in an empty column', () => {
    expect(placeAt([a, b, c], b, 1, 'before')).toBeUndefined()
    expect(placeAt([], b, 0, 'before')).toBeUndefined()
  })

  it('is beside a task that the server has', () => {
    const unsent = task('new-1', '~')
    expect(placeAt([a, unsent], c, 1, 'before')).toMatchObject({ before: null, after: 'a' })
    expect(placeAt([unsent], c, 0, 'before')).toBeUndefined()
  })
})

describe('a move between columns', () => {
  it('changes the field of the columns', () => {
    expect(changesBetween('status', task('a', ''), 'todo', 'done')).toEqual({ status: 'done' })
    expect(changesBetween('priority', task('a', ''), 'low', 'high')).toEqual({ priority: 'high' })
    expect(changesBetween('assignee', task('a', ''), 'someone', 'none')).toEqual({ assignee_id: null })
    expect(changesBetween('assignee', task('a', ''), 'none', 'someone')).toEqual({ assignee_id: 'someone' })
  })

  it('replaces one label and keeps the others', () => {
    expect(changesBetween('label', task('a', '', ['x', 'Bug', 'y']), 'bug', 'idea')).toEqual({ labels: ['x', 'idea', 'y'] })
    expect(changesBetween('label', task('a', '', ['bug', 'idea']), 'bug', 'Idea')).toEqual({ labels: ['Idea'] })
    expect(changesBetween('label', task('a', ''), 'bug', 'idea')).toEqual({ labels: ['idea'] })
  })
})
