/** Registers the service worker, which keeps the client's own files for use while offline. */
export function registerServiceWorker(): void {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return
  navigator.serviceWorker.register(address()).catch(() => undefined)
}

/** Trusted Types: a script's address needs a policy. This one allows the one address. */
function address(): string {
  const path = '/service-worker.js'
  const types = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } } }).trustedTypes
  return types ? types.createPolicy('taskbell', { createScriptURL: () => path }).createScriptURL(path) : path
}
