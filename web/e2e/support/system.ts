/** The running system: its addresses, and requests to its API outside the browser. */

function setting(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set; run: eval "$(make -s addresses)", or make test`)
  return value
}

export const WEB = setting('WEB')
export const MAIL = setting('MAIL')
export const DATABASE_URL = setting('DATABASE_URL')
const ADMIN = { email: setting('ADMIN_EMAIL'), password: setting('ADMIN_PASSWORD') }

/** Files that run at the same time count differently. */
const WORKERS = 10
let last = Date.now() * WORKERS + (Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS)

/** Returns a word that no other test uses. */
export const unique = (): string => (last += WORKERS).toString(36)

export interface Account {
  id: string
  name: string
  email: string
  password: string
  /** Sends a request as this person, and returns the body of the response. Fails if it is an error. */
  call<T = Record<string, any>>(method: string, path: string, body?: unknown): Promise<T>
}

async function call(token: string | undefined, method: string, path: string, body?: unknown): Promise<any> {
  const response = await fetch(`${WEB}/v1${path}`, {
    method,
    headers: {
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} returns ${response.status}: ${text}`)
  return text ? JSON.parse(text) : undefined
}

let admin: Promise<string> | undefined
const adminToken = () =>
  (admin ??= call(undefined, 'POST', '/auth/login', ADMIN).then(({ access_token }) => access_token as string))

/** Registers a person, who may create projects unless `role` says otherwise. */
export async function register(name: string, role: 'user' | 'manager' | 'admin' = 'manager'): Promise<Account> {
  const account = { name, email: `${name.toLowerCase().replaceAll(' ', '.')}-${unique()}@example.com`, password: 'correct horse battery' }
  const { user, access_token } = await call(undefined, 'POST', '/auth/register', { ...account, time_zone: 'Europe/Berlin' })
  if (role !== 'user') await call(await adminToken(), 'PATCH', `/users/${user.id}`, { role })
  return { ...account, id: user.id, call: (method, path, body) => call(access_token, method, path, body) }
}

/** Creates a project with a new key. */
export async function createProject(owner: Account, members: Account[] = [], name = 'Website') {
  const key = `E${unique().toUpperCase()}`.slice(-9).replace(/^[^A-Z]/, 'E')
  const project = await owner.call<{ id: string; key: string }>('POST', '/projects', { key, name })
  for (const { id } of members) await owner.call('PUT', `/projects/${project.id}/members/${id}`, { role: 'member' })
  return project
}

/** Returns the newest e-mail to an address with this subject, as soon as there is one. */
export async function mailTo(email: string, subject: RegExp): Promise<{ subject: string; html: string; text: string }> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const mails: any[] = await (await fetch(`${MAIL}/api/email?to.address=${encodeURIComponent(email)}`)).json()
    const found = mails.findLast((mail) => subject.test(mail.subject))
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`there is no e-mail to ${email} with the subject ${subject}`)
}
