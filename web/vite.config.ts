import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

// The running system, which serves the API: `make web` sets it.
const system = process.env.WEB_PROXY ?? 'http://localhost:8080'
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Writes service-worker.js with the names of all files of this build. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const files = Object.keys(bundle).map((name) => `/${name}`)
      const paths = [...files, '/icon-unread.svg', '/icon.svg', '/manifest.webmanifest'].toSorted()
      const page = Object.values(bundle).find(({ fileName }) => fileName === 'index.html')
      const content = JSON.stringify(paths) + (page?.type === 'asset' ? String(page.source) : '')
      const version = createHash('sha256').update(content).digest('hex').slice(0, 12)
      const source = readFileSync(here('service-worker.js'), 'utf8')
        .replace('__VERSION__', version)
        .replace(`['__FILES__']`, JSON.stringify(paths))
      this.emitFile({ type: 'asset', fileName: 'service-worker.js', source })
    },
  }
}

export default defineConfig({
  plugins: [vue(), serviceWorker()],
  // No component uses them, which makes Vue smaller.
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  resolve: { alias: { '@': here('src') } },
  server: {
    host: '127.0.0.1',
    port: 5173,
    strictPort: true,
    proxy: {
      '/v1': system,
      '/docs': system,
      '/live': { target: system, ws: true },
    },
  },
  build: {
    target: 'es2023',
    // Fonts and images are files: the content security policy has no exception for large data.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // What every page needs is one file, which compresses better than many.
      output: { advancedChunks: { groups: [{ name: 'vue', test: /node_modules\/(@vue|vue-router|@tanstack\/(query-core|vue-query))\// }] } },
    },
    // For size.mjs.
    manifest: true,
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'], setupFiles: ['src/text/setup.ts'], isolate: false },
})
