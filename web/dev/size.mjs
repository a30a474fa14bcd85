// Prints what the viewer route costs in JavaScript and fails above the budget. Read from the build's manifest, so it counts
// what a browser really fetches before the first swipe: entry, player, one catalogue, and all they import.

import { readFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const BUDGET_KB = 60
const CLIENT = new URL('../../src/hustings/site/client/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', CLIENT), 'utf8'))

function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen
  seen.add(key)
  for (const next of manifest[key]?.imports ?? []) closure(next, seen)
  return seen
}

function filesOf(...keys) {
  const all = new Set(keys.flatMap((key) => [...closure(key)]))
  return [...all].map((key) => manifest[key].file)
}

const bytes = (file) => readFileSync(new URL(file, CLIENT))
const gzip = (file) => gzipSync(bytes(file), { level: 9 }).length / 1000
const brotli = (file) => brotliCompressSync(bytes(file), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length / 1000
const sum = (files, measure) => files.reduce((total, file) => total + measure(file), 0)

const viewer = filesOf('src/app.ts', 'src/views/Player.svelte', 'messages/en.json')
console.log('Viewer route, JavaScript (KB, 1 KB = 1000 bytes)')
for (const file of viewer) console.log(`  ${gzip(file).toFixed(1).padStart(6)} gzip ${brotli(file).toFixed(1).padStart(6)} brotli  ${file}`)
const total = sum(viewer, gzip)
console.log(`  ${total.toFixed(1).padStart(6)} gzip ${sum(viewer, brotli).toFixed(1).padStart(6)} brotli  in all; at most ${BUDGET_KB} gzip`)

console.log('Every other part, on demand')
const rest = Object.entries(manifest).filter(([key, part]) => part.isDynamicEntry && !viewer.includes(part.file) && key.endsWith('.svelte'))
for (const [key] of rest) {
  const extra = filesOf(key).filter((file) => !viewer.includes(file))
  console.log(`  ${sum(extra, gzip).toFixed(1).padStart(6)} gzip  ${key}`)
}

if (total > BUDGET_KB) {
  console.error(`The viewer route weighs ${total.toFixed(1)} KB; the budget is ${BUDGET_KB} KB.`)
  process.exit(1)
}
