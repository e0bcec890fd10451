import { expect, test } from 'vitest'
import { mentionOf, mentionsIn, typedMention, withNames } from './mentions'

const ID = '01a21efb-b894-7155-be4a-fc89c8c5a557'

test('reads the mentions that it writes, also of names with brackets', () => {
  for (const name of ['Ada Lovelace', 'Bob [ops]', String.raw`back\slash`])
    expect(mentionsIn(`hello ${mentionOf({ name, id: ID })}!`)).toEqual([{ name, id: ID }])
})

test('shows names in plain text', () => {
  expect(withNames(`@[Ada](user:${ID}) and [a link](user:me)`)).toBe('@Ada and [a link](user:me)')
})

test.each([
  ['@', 1, { at: 0, typed: '' }],
  ['ask @Ad', 7, { at: 4, typed: 'Ad' }],
  ['ask @Ad and others', 7, { at: 4, typed: 'Ad' }],
  ['ask @Ada Lo', 11, { at: 4, typed: 'Ada Lo' }],
  ['(@jö', 4, { at: 1, typed: 'jö' }],
  ['mail@example', 12, undefined],
  [`@[Ada](user:${ID})`, 5, undefined],
  ['nobody', 6, undefined],
])('finds what is typed after an @ in %j', (text, cursor, found) => {
  expect(typedMention(text, cursor)).toEqual(found)
})
