import { expect, test } from 'vitest'
import { daysLeft } from './retention'

const deleted = '2030-03-01T12:00:00Z'
const at = (time: string) => daysLeft(deleted, Date.parse(time))

test('what was deleted just now has thirty days, and the last one is day zero', () => {
  expect(at('2030-03-01T12:00:00Z')).toBe(30)
  expect(at('2030-03-01T12:00:01Z')).toBe(29)
  expect(at('2030-03-31T11:00:00Z')).toBe(0)
  expect(at('2030-03-31T12:00:01Z')).toBe(-1)
})
