/// <reference types="node" />
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { FluentResource } from '@fluent/bundle'
import { describe, expect, it } from 'vitest'

const folder = join(import.meta.dirname, '..')

/** Returns the ids of all texts of a language, with the file of each. */
function ids(language: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const file of readdirSync(join(folder, 'text', language))) {
    if (!file.endsWith('.ftl')) continue
    const source = readFileSync(join(folder, 'text', language, file), 'utf8')
    for (const { id } of new FluentResource(source).body) {
      expect(found.has(id), `${id} is in ${found.get(id)} and ${file}`).toBe(false)
      found.set(id, file)
    }
    // The parser skips what it cannot read.
    const written = source.match(/^[a-z][\w-]*(?= =)/gm) ?? []
    expect(written.filter((id) => !found.has(id))).toEqual([])
  }
  return found
}

function sources(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return sources(join(path, entry.name))
    const isSource = /\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith('.test.ts')
    return isSource ? [readFileSync(join(path, entry.name), 'utf8')] : []
  })
}

describe('texts', () => {
  it('are in English and German', () => {
    expect([...ids('de').keys()].toSorted()).toEqual([...ids('en').keys()].toSorted())
  })

  it('exist, and are used', () => {
    const english = [...ids('en').keys()]
    const code = sources(folder).join('\n')
    const wanted = [...code.matchAll(/\bt\('([\w-]+)'/g)].map((match) => match[1]!)
    expect([...new Set(wanted)].filter((id) => !english.includes(id))).toEqual([])
    // Ids that the code composes, such as `status-${status}`.
    const prefixes = [...code.matchAll(/`([a-z][a-z-]*-)\$\{/g)].map((match) => match[1]!)
    const unused = english.filter(
      (id) => !prefixes.some((prefix) => id.startsWith(prefix)) && !new RegExp(`['"\`]${id}['"\`]`).test(code),
    )
    expect(unused).toEqual([])
  })
})
