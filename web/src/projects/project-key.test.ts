import { describe, expect, it } from 'vitest'
import { asKey, isKey, suggestKey } from './project-key'

describe('the key of a project', () => {
  it('is suggested from the words of its name', () => {
    expect(suggestKey('Website')).toBe('WEBS')
    expect(suggestKey('Web')).toBe('WEB')
    expect(suggestKey('Mobile app')).toBe('MA')
    expect(suggestKey('Plan 2027')).toBe('P2027')
    expect(suggestKey('Größe über alles')).toBe('GUA')
    expect(suggestKey('Straße')).toBe('STRA')
  })

  it('is nothing where no key can be made', () => {
    expect(suggestKey('')).toBe('')
    expect(suggestKey('X')).toBe('')
    expect(suggestKey('日本語')).toBe('')
    expect(suggestKey('2027')).toBe('')
  })

  it('is one that is free', () => {
    expect(suggestKey('Web', ['WEB'])).toBe('WEB2')
    expect(suggestKey('Web', ['WEB', 'WEB2'])).toBe('WEB3')
    const long = 'A b c d e f g h i j k l'
    expect(suggestKey(long)).toBe('ABCDEFGHIJ')
    expect(suggestKey(long, ['ABCDEFGHIJ'])).toBe('ABCDEFGHI2')
  })

  it('is always valid', () => {
    for (const name of ['42 things', '3D print', 'a-b', '  web  shop ', 'x y'])
      expect(isKey(suggestKey(name)), name).toBe(true)
  })

  it('is written in capitals while one types', () => {
    expect(asKey(' my-key 2')).toBe('MYKEY2')
    expect(isKey('A')).toBe(false)
    expect(isKey('1A')).toBe(false)
    expect(isKey('A1')).toBe(true)
  })
})
