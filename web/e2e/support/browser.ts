/** The browser: Debian's Chromium, or another one that CHROMIUM names. */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, type Locator, type Page, chromium } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { type Account, WEB } from './system'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const PHONE = { width: 360, height: 740 }
const DESKTOP = { width: 1280, height: 800 }

let browser: Browser
const contexts: BrowserContext[] = []
const faults: string[] = []

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // Chromium's sandbox does not run as root, and the pages are our own.
    args: ['--no-sandbox', '--force-prefers-reduced-motion'],
  })
})
afterAll(() => browser.close())
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()))
  expect(faults.splice(0), 'what went wrong in the pages').toEqual([])
})

export interface Options {
  dark?: boolean
  phone?: boolean
  /** Problems of the page that the test causes itself. */
  expected?: RegExp
}

/** Opens a new browser window, and fails the test for errors, refused scripts and requests to other hosts. */
export async function openWindow(options: Options = {}): Promise<Page> {
  const context = await browser.newContext({
    baseURL: WEB,
    colorScheme: options.dark ? 'dark' : 'light',
    viewport: options.phone ? PHONE : DESKTOP,
    hasTouch: options.phone,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  })
  contexts.push(context)
  context.setDefaultTimeout(60_000)
  const report = (fault: string) => options.expected?.test(fault) || faults.push(fault)
  await context.exposeFunction('reportFault', report)
  await context.addInitScript(() =>
    addEventListener('securitypolicyviolation', (event) =>
      (globalThis as any).reportFault(`content security policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    ),
  )
  context.on('weberror', (error) => report(`error: ${error.error().stack}`))
  context.on('request', (request) => {
    const { host, protocol } = new URL(request.url())
    if (protocol.startsWith('http') && host !== new URL(WEB).host) report(`request to another host: ${request.url()}`)
  })
  return context.newPage()
}

/** Opens a window in which the person is logged in. */
export async function windowOf(account: Account, path = '/my-work', options: Options = {}): Promise<Page> {
  const page = await openWindow(options)
  const response = await page.context().request.post('/v1/auth/login', {
    headers: { 'Taskbell-Session': 'cookie' },
    data: { email: account.email, password: account.password },
  })
  expect(response.status()).toBe(200)
  await page.goto(path)
  await page.getByRole('main').waitFor()
  return page
}

/** Goes to another screen as a link does, without loading the client again. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    const app = (document.querySelector('#app') as any)['__vue_app__']
    return app.config.globalProperties.$router.push(to)
  }, path)
}

/** Fails if axe-core finds a violation of WCAG 2.2 AA. */
export async function expectAccessible(page: Page, where = page.url()): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe)
  const found = await page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    const { violations } = await (globalThis as any).axe.run(document, { runOnly: tags, resultTypes: ['violations'] })
    return violations.flatMap((violation: any) => violation.nodes.map((node: any) => `${violation.id}: ${node.html}`))
  })
  expect.soft(found, where).toEqual([])
}

/** Fails if the page, or a part of it that is meant to scroll down, is wider than the window. */
export async function expectNoSidewaysScroll(page: Page, where = page.url()): Promise<void> {
  const wide = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('html, main, .page, .page-head, .page-body, [role=dialog], .scroller')]
      // A heading that only screen readers find has a width of one pixel.
      .filter(({ scrollWidth, clientWidth, isConnected }) => isConnected && clientWidth > 1 && scrollWidth > clientWidth)
      .map(({ tagName, className, scrollWidth, clientWidth }) => `${tagName} ${className}: ${scrollWidth} in ${clientWidth}`),
  )
  expect.soft(wide, where).toEqual([])
}

/** Fails if what these elements show overlaps. */
export async function expectApart(elements: Locator): Promise<void> {
  const overlapping = await elements.evaluateAll((all) => {
    const boxes = all.map((element) => {
      const { left, top, right, bottom } = element.getBoundingClientRect()
      return { text: element.textContent, left, top, right: Math.max(right, left + element.scrollWidth), bottom }
    })
    return boxes.flatMap((one, at) =>
      boxes
        .slice(at + 1)
        .filter((other) => one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1)
        .map((other) => `${one.text} / ${other.text}`),
    )
  })
  expect(await elements.count()).toBeGreaterThan(1)
  expect(overlapping).toEqual([])
}
