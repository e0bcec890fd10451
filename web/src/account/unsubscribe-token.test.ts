import { expect, test } from 'vitest'
import { kindsOf } from './unsubscribe-token'

const tokenOf = (payload: object) => `e30.${btoa(JSON.stringify(payload)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}.x`

test('the kinds and the summary are read from the token', () => {
  expect(kindsOf(tokenOf({ sub: '1', kinds: ['mentioned', 'task_commented'], summary: false }))).toEqual([
    'mentioned',
    'task_commented',
  ])
  expect(kindsOf(tokenOf({ sub: '?>~ü'.slice(0, 3), kinds: [], summary: true }))).toEqual(['summary'])
})

test('a token that cannot be read names nothing', () => {
  for (const token of ['', 'x', 'a.b.c', 'a..c']) expect(kindsOf(token)).toEqual([])
})
