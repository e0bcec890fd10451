import { describe, expect, it } from 'vitest'
import { expectAccessible, openWindow, windowOf } from './support/browser'
import { mailTo, register, unique } from './support/system'

describe('an account', () => {
  it('is created, confirmed by e-mail, and left', async () => {
    const page = await openWindow()
    const email = `nora-${unique()}@example.com`
    await page.goto('/')
    await page.getByRole('link', { name: 'Create one' }).click()
    await page.getByLabel('Name').fill('Nora Newcomer')
    await page.getByLabel('E-mail').fill(email)
    await page.getByRole('textbox', { name: 'Password' }).fill('short')
    await page.getByRole('button', { name: 'Create account' }).click()
    expect(page.url()).toContain('/register')
    await page.getByRole('textbox', { name: 'Password' }).fill('correct horse battery')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByRole('heading', { name: 'My work' }).waitFor()

    const mail = await mailTo(email, /confirm/i)
    const link = /https?:\/\/\S+\/verify-email\?token=[\w-]+/.exec(mail.text)?.[0]
    await page.goto(link!)
    await page.getByRole('heading', { name: 'Your e-mail address is confirmed' }).waitFor()

    await page.goto('/my-work')
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await page.goto('/inbox')
    await page.waitForURL('**/login?return_to=/inbox')
  })

  it('says that the password is wrong, and goes on to where one wanted to go', async () => {
    const ann = await register('Ann')
    const page = await openWindow()
    await page.goto('/calendar')
    await page.getByLabel('E-mail').fill(ann.email)
    await page.getByRole('textbox', { name: 'Password' }).fill('wrong password')
    await page.keyboard.press('Enter')
    await page.getByText('Wrong e-mail or password.').waitFor()
    await page.getByRole('textbox', { name: 'Password' }).fill(ann.password)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Calendar' }).waitFor()
  })

  it('gets a new password by a link in an e-mail, which ends the session elsewhere', async () => {
    const ann = await register('Ann')
    const elsewhere = await windowOf(ann)
    const page = await openWindow()
    await page.goto('/login')
    await page.getByRole('link', { name: 'Forgotten password?' }).click()
    await page.getByLabel('E-mail').fill(ann.email)
    await page.getByRole('button', { name: 'Send link' }).click()
    await page.getByRole('heading', { name: 'Check your inbox' }).waitFor()

    const mail = await mailTo(ann.email, /password/i)
    await page.goto(/https?:\/\/\S+\/reset-password\?token=[\w-]+/.exec(mail.text)![0])
    await page.getByRole('textbox', { name: 'New password' }).fill('another horse battery')
    await page.getByRole('button', { name: 'Save password' }).click()
    await page.getByRole('heading', { name: 'Your password is changed' }).waitFor()
    await elsewhere.getByText('Your session has ended.').waitFor()
  })

  it('can be used by two tabs, which do not log each other out', async () => {
    const ann = await register('Ann')
    const page = await windowOf(ann)
    const other = await page.context().newPage()
    await other.goto('/inbox')
    // Both tabs find that the access token is gone, at the same moment.
    const cookies = await page.context().cookies()
    await page.context().clearCookies({ name: cookies.find(({ name }) => name.includes('access'))!.name })
    await Promise.all([page.goto('/projects'), other.goto('/calendar')])
    await page.getByRole('heading', { name: 'Projects', level: 1 }).waitFor()
    await other.getByRole('heading', { name: 'Calendar' }).waitFor()
    const status = () => fetch('/v1/users/me', { headers: { 'Taskbell-Session': 'cookie' } }).then((response) => response.status)
    for (const tab of [page, other]) {
      await expect.poll(() => tab.evaluate(status)).toBe(200)
      expect(tab.url()).not.toContain('/login')
    }
  })

  for (const dark of [false, true]) {
    it(`has accessible pages ${dark ? 'in the dark' : 'in light'}`, async () => {
      const page = await openWindow({ dark, phone: dark })
      for (const path of ['/login', '/register', '/forgot-password', '/reset-password?token=x', '/unsubscribe?token=x']) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await expectAccessible(page)
      }
    })
  }
})
