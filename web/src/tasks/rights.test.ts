import { expect, test } from 'vitest'
import { rightsOf } from './rights'

const person = { id: 'me', administrator: false, manager: false }
const mine = { created_by: 'me', assignee_id: null }
const assigned = { created_by: 'other', assignee_id: 'me' }
const others = { created_by: 'other', assignee_id: 'other' }
const rights = (change: boolean, remove: boolean, create = true) => ({ change, delete: remove, create })

test('a viewer changes nothing, not even what they created', () => {
  expect(rightsOf(mine, 'viewer', person)).toEqual(rights(false, false, false))
})

test('a member changes their own tasks, and deletes what they created', () => {
  expect(rightsOf(mine, 'member', person)).toEqual(rights(true, true))
  expect(rightsOf(assigned, 'member', person)).toEqual(rights(true, false))
  expect(rightsOf(others, 'member', person)).toEqual(rights(false, false))
})

test('managers and administrators change all', () => {
  expect(rightsOf(others, 'manager', person)).toEqual(rights(true, true))
  expect(rightsOf(others, 'member', { ...person, manager: true })).toEqual(rights(true, true))
  expect(rightsOf(others, 'viewer', { ...person, administrator: true })).toEqual(rights(true, true))
})
