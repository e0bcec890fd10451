import { describe, expect, it } from 'vitest'
import { type Source, completions, typingAt } from './completion'

const source: Source = {
  labels: [{ label: 'tls', count: 4 }, { label: 'big deal', count: 2 }],
  people: [
    { id: 'anna', name: 'Anna Müller', email: 'a@example.com' },
    { id: 'ann', name: 'Ann Lee', email: 'l@example.com' },
    { id: 'ann2', name: 'Ann Stone', email: 's@example.com' },
  ],
  projects: [{ id: 'p', key: 'WEB', text: 'Website' }],
}
const inserts = (text: string) => completions(typingAt(text, text.length)!, source).map(({ insert }) => insert)

describe('what is typed', () => {
  it.each([
    ['Call #t', { sigil: '#', typed: 't', start: 5, end: 7 }],
    ['@', { sigil: '@', typed: '', start: 0, end: 1 }],
    ['Call\n+we', { sigil: '+', typed: 'we', start: 5, end: 8 }],
    ['Call !1', { sigil: '!', typed: '1', start: 5, end: 7 }],
    ['Issue #42', undefined],
    ['Rate +1', undefined],
    ['Hello!', undefined],
    ['a@b', undefined],
    ['Call #tls ', undefined],
  ])('in %j', (text, expected) => expect(typingAt(text, text.length)).toEqual(expected))

  it('is what stands before the cursor', () => expect(typingAt('#tls #web', 3)?.typed).toBe('tl'))
})

describe('completions', () => {
  it.each([
    ['#b', ['#{big deal}']],
    ['@mü', ['@Anna']],
    // The first name is not enough for these two.
    ['@ann', ['@Anna', '@{Ann Lee}', '@{Ann Stone}']],
    ['+site', []],
    ['+web', []],
    ['+we', ['+WEB']],
    ['!hi', ['!high']],
    ['!2', []],
    ['!high', []],
    ['#tls', []],
  ])('of %s', (text, expected) => expect(inserts(text)).toEqual(expected))
})
