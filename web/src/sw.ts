/// <reference lib="webworker" />
// The offline shell. It keeps the client's own hashed files and nothing else: no API answer, no page, no clip is ever
// stored, so a shared device tells nobody what its last user watched.

declare const self: ServiceWorkerGlobalScope
/** Replaced at the end of the build by the list of files (dev/shell.mjs). */
declare const __FILES__: string[]

const FILES = __FILES__
const OFFLINE = '/client/offline.html'
// The list itself names the version: its hashes change when any file does.
const CACHE = `client-${fingerprint(FILES.join())}`

function fingerprint(text: string): string {
  let value = 5381
  for (let index = 0; index < text.length; index += 1) value = ((value * 33) ^ text.charCodeAt(index)) >>> 0
  return value.toString(36)
}

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const address = new URL(request.url)
  if (request.method !== 'GET' || address.origin !== self.location.origin) return
  if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(() => offlineShell()))
  } else if (address.pathname.startsWith('/client/assets/')) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)))
  }
})

async function offlineShell(): Promise<Response> {
  return (await caches.match(OFFLINE)) ?? Response.error()
}
