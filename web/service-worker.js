// Keeps the client's own files for use while offline. What the API answers is not kept here, but by the client itself.
// The build replaces FILES and VERSION (vite.config.ts).

const VERSION = '__VERSION__'
const FILES = ['__FILES__']
const CACHE = `taskbell-${VERSION}`
const PAGE = '/index.html'

self.addEventListener('install', (event) => {
  // It takes over when the pages of the former version are closed: they need that version's files.
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)))
})

self.addEventListener('activate', (event) => {
  const isOld = (name) => name.startsWith('taskbell-') && name !== CACHE
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  if (request.mode === 'navigate') {
    if (!pathname.startsWith('/v1/') && pathname !== '/docs') event.respondWith(page())
  } else if (FILES.includes(pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)))
  }
})

// The newest page if the server can be reached, so that a new version is used at once.
async function page() {
  try {
    const response = await fetch(PAGE, { cache: 'no-cache' })
    if (response.ok) return response
  } catch {
    // Offline.
  }
  return (await caches.match(PAGE)) ?? Response.error()
}
