import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { beforeAll, describe, it } from 'vitest'
import { goTo, windowOf } from './support/browser'
import { type Demo, createDemo } from './support/demo'

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url))

// Makes the pictures in the documentation: SCREENSHOTS=1 npx vitest run --config e2e/vitest.config.ts e2e/screenshots.e2e.ts
describe.skipIf(!process.env.SCREENSHOTS)('the pictures in the documentation', () => {
  let demo: Demo
  beforeAll(async () => {
    mkdirSync(folder, { recursive: true })
    demo = await createDemo()
  })

  async function take(page: Page, path: string, shown: string, name: string): Promise<void> {
    await goTo(page, path)
    await page.getByText(shown).filter({ visible: true }).first().waitFor()
    await page.waitForLoadState('networkidle')
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await page.screenshot({ path: `${folder}${name}.png` })
  }

  it('are made in light', async () => {
    const page = await windowOf(demo.me)
    await take(page, '/my-work', 'Write the texts of the pricing page', 'my-work')
    await take(page, `/projects/${demo.project.key}?view=board`, 'Photos of the new office', 'board')
    await take(page, '/inbox', 'Jonas Weber assigned it to you', 'inbox')
    await take(page, `/tasks/${demo.task}`, 'Only the yearly prices are missing', 'task')
  })

  it('are made in the dark', async () => {
    const page = await windowOf(demo.me, '/my-work', { dark: true })
    await take(page, `/projects/${demo.project.key}?view=board`, 'Photos of the new office', 'board-dark')
  })

  it('are made on a phone', async () => {
    const page = await windowOf(demo.me, '/my-work', { phone: true })
    await take(page, '/my-work', 'Write the texts of the pricing page', 'phone')
  })
})
