// A Vite plugin that finishes the build: it gives the service worker its list of files, writes the offline page (both need
// the hashed names, which exist only once the bundle does), and puts a compressed twin beside each file that gains by it, so
// that the server never compresses anything itself.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin, Rollup } from 'vite'

type Bundle = Rollup.OutputBundle

const LANGUAGES = ['en', 'cy']
// What a viewer needs when there is no connection.
const KEPT = [
  '/src/app.ts',
  '/src/views/Player.svelte',
  '/src/views/Offline.svelte',
  '/src/views/NotFound.svelte',
  ...LANGUAGES.map((language) => `/messages/${language}.json`),
]

/** The files of a chunk and of everything it imports at once, with their styles and fonts. */
function closure(bundle: Bundle, fileName: string, seen = new Set<string>()): Set<string> {
  const chunk = bundle[fileName]
  if (chunk?.type !== 'chunk' || seen.has(fileName)) return seen
  seen.add(fileName)
  for (const css of chunk.viteMetadata?.importedCss ?? []) seen.add(css)
  for (const asset of chunk.viteMetadata?.importedAssets ?? []) seen.add(asset)
  for (const next of chunk.imports) closure(bundle, next, seen)
  return seen
}

function chunkOf(bundle: Bundle, path: string): Rollup.OutputChunk | undefined {
  for (const item of Object.values(bundle)) {
    if (item.type === 'chunk' && item.facadeModuleId?.split('?')[0]?.endsWith(path)) return item
  }
  return undefined
}

const COMPRESSIBLE = /\.(js|css|html|svg|json|webmanifest)$/
// Below this a response fits one packet either way.
const WORTH_COMPRESSING = 600

function compressAll(folder: string): void {
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!COMPRESSIBLE.test(name)) continue
    const file = join(folder, name)
    const plain = readFileSync(file)
    if (plain.length < WORTH_COMPRESSING) continue
    writeFileSync(`${file}.br`, brotliCompressSync(plain, quality))
    writeFileSync(`${file}.gz`, gzipSync(plain, { level: 9 }))
  }
}

export function shell(): Plugin {
  let folder = ''
  return {
    name: 'hustings-shell',
    apply: 'build',
    configResolved(config) {
      folder = config.build.outDir
    },
    closeBundle() {
      compressAll(folder)
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const entry = chunkOf(bundle, '/src/app.ts')
        const worker = bundle['sw.js']
        if (!entry || worker?.type !== 'chunk') return
        const files = new Set<string>()
        for (const path of KEPT) {
          const chunk = chunkOf(bundle, path)
          if (chunk) closure(bundle, chunk.fileName, files)
        }
        const addresses = [...files].map((file) => `/client/${file}`).sort()
        worker.code = worker.code.replaceAll('__FILES__', JSON.stringify(['/client/offline.html', ...addresses]))
        const styles = [...closure(bundle, entry.fileName)].filter((file) => file.endsWith('.css'))
        this.emitFile({ type: 'asset', fileName: 'offline.html', source: offlinePage(entry.fileName, styles) })
      },
    },
  }
}

function offlinePage(script: string, styles: string[]): string {
  const links = styles.map((file) => `<link rel="stylesheet" href="/client/${file}">`).join('\n')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>Hustings</title>
${links}
<script type="module" src="/client/${script}"></script>
</head>
<body>
<div id="app" data-offline></div>
</body>
</html>
`
}
