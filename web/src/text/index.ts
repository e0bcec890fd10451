/** Texts of the interface in the person's language, by Fluent (https://projectfluent.org). */

import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle'
import { shallowRef } from 'vue'

export const LANGUAGES = ['en', 'de'] as const
export type Language = (typeof LANGUAGES)[number]

const STORED = 'taskbell.language'

type Files = Record<string, string>

/** The texts of a language: those of the first screen, and all others, which are loaded right after. */
const FILES: Record<Language, { first: () => Promise<{ default: Files }>; rest: () => Promise<{ default: Files }> }> = {
  en: { first: () => import('./en/first'), rest: () => import('./en/rest') },
  de: { first: () => import('./de/first'), rest: () => import('./de/rest') },
}

const bundle = shallowRef(new FluentBundle('en'))
let rest: Promise<void> = Promise.resolve()
/** The language of the interface. */
export const language = shallowRef<Language>('en')

/** Resolves when the texts of all screens are loaded. */
export const allTexts = (): Promise<void> => rest

function bundleOf(locale: Language, files: Files): FluentBundle {
  // Isolating marks around values would be copied with the text and break comparisons in tests.
  const made = new FluentBundle(locale, { useIsolating: false })
  for (const file of Object.values(files)) made.addResource(new FluentResource(file))
  return made
}

/** Returns the text with this id in the person's language. */
export function t(id: string, values?: Record<string, FluentVariable>): string {
  const message = bundle.value.getMessage(id)
  return message?.value ? bundle.value.formatPattern(message.value, values) : id
}

/** Whether there is a text with this id. */
export const hasText = (id: string): boolean => bundle.value.hasMessage(id)

/** Chooses the language and remembers it in this browser. */
export async function setLanguage(chosen: Language): Promise<void> {
  // What is on the screen has texts of both.
  const [first, others] = await Promise.all([FILES[chosen].first(), FILES[chosen].rest()])
  speak(chosen, { ...first.default, ...others.default })
  localStorage.setItem(STORED, chosen)
}

/** Loads the language that was chosen before, or else the browser's. */
export async function loadLanguage(): Promise<void> {
  const known = (value: string | null | undefined) => LANGUAGES.find((one) => one === value?.slice(0, 2))
  await show(known(localStorage.getItem(STORED)) ?? navigator.languages.map(known).find(Boolean) ?? 'en')
}

async function show(chosen: Language): Promise<void> {
  const { default: first } = await FILES[chosen].first()
  speak(chosen, first)
  rest = FILES[chosen].rest().then(({ default: others }) => speak(chosen, { ...first, ...others }))
}

function speak(chosen: Language, files: Files): void {
  bundle.value = bundleOf(chosen, files)
  language.value = chosen
  document.documentElement.lang = chosen
}
