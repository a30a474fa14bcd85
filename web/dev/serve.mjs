// A stand-in for the server, to work on the client alone. `npm run dev` serves the sources with reload; `npm run dev -- --built`
// serves the last build under the real Content-Security-Policy. `--signed-in` and `--port N` do what they say.

import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { makeAnswers } from './mock/answers.mjs'
import { FOLDER, makeClips } from './mock/clips.mjs'

const built = process.argv.includes('--built')
const port = Number(process.argv[process.argv.indexOf('--port') + 1]) || 5173
const CLIENT = new URL('../../src/hustings/site/client/', import.meta.url).pathname
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; " +
  "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
const TYPES = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.mp4': 'video/mp4',
}

makeClips()
const api = makeAnswers({ signedIn: process.argv.includes('--signed-in') })
const vite = built ? null : await (await import('vite')).createServer({ server: { middlewareMode: true }, appType: 'custom' })

function page(path) {
  const boot = api.boot(path)
  const first = boot.clip ?? boot.feed?.items[0]?.clip
  const manifest = built ? JSON.parse(readFileSync(join(CLIENT, '.vite/manifest.json'), 'utf8')) : {}
  const entry = manifest['src/app.ts']
  const player = manifest['src/views/Player.svelte']
  const css = built ? [...entry.css, ...(player.css ?? [])].map((file) => `<link rel="stylesheet" href="/client/${file}">`) : []
  const scripts = built
    ? `<script type="module" src="/client/${entry.file}"></script><link rel="modulepreload" href="/client/${player.file}">`
    : '<script type="module" src="/client/@vite/client"></script><script type="module" src="/client/src/app.ts"></script>'
  const video = first
    ? `<video id="first-video" data-clip="${first.id}" src="${first.renditions[1].url}" poster="${first.poster.webp}" muted autoplay loop playsinline preload="auto"></video>`
    : ''
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>Hustings</title>${css.join('')}${scripts}<link rel="manifest" href="/client/manifest.webmanifest"></head>
<body><div id="app">${video}</div><script type="application/json" id="boot">${JSON.stringify(boot).replaceAll('<', '\\u003c')}</script></body></html>`
}

function sendFile(request, response, file, kept) {
  if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end()
  const { size, mtimeMs } = statSync(file)
  const headers = { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Accept-Ranges': 'bytes', ETag: `"${size}-${Math.round(mtimeMs)}"` }
  if (kept) headers['Cache-Control'] = 'public, max-age=31536000, immutable'
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
  const start = range ? Number(range[1]) : 0
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1
  headers['Content-Length'] = end - start + 1
  if (range) headers['Content-Range'] = `bytes ${start}-${end}/${size}`
  response.writeHead(range ? 206 : 200, headers)
  createReadStream(file, { start, end }).pipe(response)
}

async function bodyOf(request) {
  let text = ''
  for await (const part of request) text += part
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

async function onRequest(request, response) {
  const { pathname } = new URL(request.url, 'http://localhost')
  const safe = normalize(pathname)
  if (pathname.startsWith('/api/v1')) {
    const answer = api.answer(request.method, pathname.slice(7), await bodyOf(request))
    response.writeHead(answer ? 200 : 404, { 'Content-Type': 'application/json' })
    return response.end(JSON.stringify(answer ?? { code: 'not_found', message: 'Not here.', hint: '' }))
  }
  if (pathname === '/media/en.vtt') return response.writeHead(200, { 'Content-Type': 'text/vtt' }).end(api.captions)
  if (pathname.startsWith('/media/')) return sendFile(request, response, join(FOLDER, safe.slice(7)), true)
  if (built && pathname === '/sw.js') return sendFile(request, response, join(CLIENT, 'sw.js'), false)
  if (built && pathname.startsWith('/client/')) return sendFile(request, response, join(CLIENT, safe.slice(8)), true)
  if (vite && pathname.startsWith('/client/')) return vite.middlewares(request, response)
  const policy = built ? { 'Content-Security-Policy': POLICY } : {}
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...policy }).end(page(pathname))
}

createServer((request, response) => void onRequest(request, response)).listen(port, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${port}/`)
})
