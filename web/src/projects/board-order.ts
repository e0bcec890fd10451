/** Moving tasks on a board: what changes, and where they then stand. */

import type { Priority, Status, Task, TaskChanges } from '@/api/types'
import { isUnsent } from '@/changes/change'
import type { Group } from './view-state'

/** The digits of the fraction of a rank, in the order of their bytes. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/**
 * Returns a rank between two, to show a task there until the server says its rank. Ranks are compared byte by byte, and
 * their digits are of base 62. An absent rank is before, or behind, all others.
 */
export function rankBetween(lower: string | undefined, upper: string | undefined): string {
  const low = lower ?? ''
  // A task that the server does not have yet stands behind all others, with a rank that is no number.
  if (!isRank(low)) return `${low}~`
  let high = upper !== undefined && isRank(upper) && upper > low ? upper : undefined
  let rank = ''
  for (let place = 0; ; place += 1) {
    const from = value(low[place])
    // Another rank that ends here has no room before it: a rank of the server does not end in 0.
    const to = high === undefined ? DIGITS.length : value(high[place])
    const digit = Math.floor((from + to) / 2)
    rank += DIGITS[digit]
    if (digit > from) return rank
    if (from < to) high = undefined
    else if (high !== undefined && place >= high.length) return `${low}V`
  }
}

const value = (digit: string | undefined): number => (digit === undefined ? 0 : DIGITS.indexOf(digit))
const isRank = (rank: string): boolean => [...rank].every((digit) => DIGITS.includes(digit))

/** Returns the id of a task that the server has. */
export const sentId = (task: Task | undefined): string | null => (task && !isUnsent(task.id) ? task.id : null)

/** Where a task is put: beside one other task of its project. */
export interface Place {
  before: string | null
  after: string | null
  /** Shown until the server answers. */
  rank: string
}

/**
 * Returns where a task stands when it is put into a column at an index, counted without the task itself. Returns
 * `undefined` if there is nothing to stand beside, or if it stands there already.
 *
 * `beside` says which neighbour the person aimed at. Only that one is named, so that a change of the order by somebody
 * else at the same moment does not stop the move.
 */
export function placeAt(column: readonly Task[], task: Task, index: number, beside: 'before' | 'after'): Place | undefined {
  const others = column.filter(({ id }) => id !== task.id)
  const at = Math.max(0, Math.min(index, others.length))
  const [previous, next] = [others[at - 1], others[at]]
  if (column.findIndex(({ id }) => id === task.id) === at) return undefined
  const rank = rankBetween(previous?.rank, next?.rank)
  const [before, after] = [sentId(next), sentId(previous)]
  if (!before && !after) return undefined
  const isBefore = after === null || (beside === 'before' && before !== null)
  return isBefore ? { before, after: null, rank } : { before: null, after, rank }
}

/** Labels are compared without case. */
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** Returns what changes when a task goes from one column to another. */
export function changesBetween(group: Group, task: Task, from: string, to: string): TaskChanges {
  switch (group) {
    case 'status':
      return { status: to as Status }
    case 'priority':
      return { priority: to as Priority }
    case 'assignee':
      return { assignee_id: to === 'none' ? null : to }
    case 'label': {
      const rest = task.labels.filter((label) => !same(label, to))
      return { labels: rest.some((label) => same(label, from)) ? rest.map((one) => (same(one, from) ? to : one)) : [...rest, to] }
    }
    case 'none':
      return {}
  }
}
