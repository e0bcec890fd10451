// Checks how much script the first load needs: what the page itself loads, and the screen that a person sees first.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BUDGET_KB = 120
const FIRST_SCREEN = 'src/my-work/MyWork.vue'
const TEXTS = 'src/text/en/first.ts'

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'))
const needed = new Set()

function need(name) {
  const chunk = manifest[name]
  if (needed.has(chunk.file)) return
  needed.add(chunk.file)
  chunk.imports?.forEach(need)
}

need('index.html')
need(FIRST_SCREEN)
need(TEXTS)
const sizes = [...needed].map((file) => [gzipSync(readFileSync(`dist/${file}`), { level: 9 }).length / 1000, file])
const total = sizes.reduce((sum, [size]) => sum + size, 0)
for (const [size, file] of sizes.toSorted((a, b) => b[0] - a[0])) console.log(size.toFixed(1).padStart(6), 'kB', file)
console.log(`first load: ${total.toFixed(1)} kB of script, compressed; at most ${BUDGET_KB} kB`)
if (total > BUDGET_KB) process.exit(1)
