// What is told about watching. Events go out in small batches; a viewer who is signed out has their history in this tab only,
// sent along with the question for the next page and forgotten by the server with the answer.

import { APIError, api } from '$lib/api/client'
import type { FeedEvent, HistoryEntry } from '$lib/api/contract'
import { session } from '$lib/session.svelte'
import { dropForVisit, heldForVisit, holdForVisit } from '$lib/storage'

const FLUSH_EVERY_MS = 5_000
const BATCH = 200
const OUTBOX_LIMIT = 20
const HISTORY_LIMIT = 500
const HISTORY = 'history'

class Watching {
  #queue: FeedEvent[] = []
  #outbox: Parcel[] = []
  #held = new Map<FeedEvent, ReturnType<typeof setTimeout>>()
  #history = heldForVisit<HistoryEntry[]>(HISTORY) ?? []
  #lastAt = 0
  #sending: Promise<unknown> = Promise.resolve()

  constructor() {
    setInterval(() => void this.flush(), FLUSH_EVERY_MS)
    addEventListener('pagehide', () => void this.leave())
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'hidden') void this.leave()
    })
  }

  get history(): HistoryEntry[] {
    return this.#history
  }

  watched(clip: string, watched_s: number, loops: number, duration: number): void {
    const now = performance.now() / 1000
    const gap_s = this.#lastAt ? Math.round(now - this.#lastAt) : 0
    this.#lastAt = now
    this.#queue.push({ clip, kind: 'watch', watched_s: round(watched_s), loops })
    this.#remember({ clip, share: round(watched_s / Math.max(duration, 0.1)), actions: [], gap_s })
  }

  /** An act beside watching: in the history at once; told as an event only where the API has one for it. */
  acted(clip: string, action: string): void {
    const entry = this.#history.findLast((one) => one.clip === clip)
    if (entry) this.#remember({ ...entry, actions: [...new Set([...entry.actions, action])] })
    else this.#remember({ clip, share: 0, actions: [action], gap_s: 0 })
  }

  #remember(entry: HistoryEntry): void {
    if (session.signedIn) return
    const others = this.#history.filter((one) => one.clip !== entry.clip)
    this.#history = [...others, entry].slice(-HISTORY_LIMIT)
    holdForVisit(HISTORY, this.#history)
  }

  forgetHistory(): void {
    this.#history = []
    dropForVisit(HISTORY)
  }

  tell(event: FeedEvent): void {
    this.#queue.push(event)
  }

  /** Told only after a while, so that it can be taken back; the answer takes it back. */
  tellLater(event: FeedEvent, delayMs: number): () => void {
    const release = (): void => {
      this.#held.delete(event)
      this.#queue.push(event)
      this.acted(event.clip, event.kind)
    }
    this.#held.set(event, setTimeout(release, delayMs))
    return () => {
      clearTimeout(this.#held.get(event))
      this.#held.delete(event)
    }
  }

  /** Sends what has gathered. The next page must be asked for after this has settled, so that it reflects it. */
  flush(): Promise<unknown> {
    this.#pack()
    if (this.#outbox.length) this.#sending = this.#sending.then(() => this.#deliver())
    return this.#sending
  }

  #pack(): void {
    while (this.#queue.length) this.#outbox.push({ key: randomKey(), events: this.#queue.splice(0, BATCH) })
    this.#outbox = this.#outbox.slice(-OUTBOX_LIMIT)
  }

  async #deliver(): Promise<void> {
    const [parcel] = this.#outbox
    if (!parcel) return
    try {
      await send(parcel)
    } catch (error) {
      // What may get through later waits for the next turn; what is refused would be refused again.
      if (error instanceof APIError && error.transient) return
    }
    this.#outbox = this.#outbox.filter((one) => one !== parcel)
    await this.#deliver()
  }

  /** The page is going away: what is held back goes too, by a request that outlives it. */
  leave(): void {
    for (const [event, timer] of this.#held) {
      clearTimeout(timer)
      this.#queue.push(event)
    }
    this.#held.clear()
    this.#pack()
    // They stay in the outbox: should the page live on, they are sent again under the same key, and count once.
    for (const parcel of this.#outbox) void send(parcel, true).catch(() => undefined)
  }
}

/** A batch counts once however often it arrives, because its key goes with it. */
interface Parcel {
  key: string
  events: FeedEvent[]
}

function send(parcel: Parcel, keepalive = false): Promise<unknown> {
  const post = (): Promise<unknown> => api.post('/events', parcel, { keepalive })
  return session.signedIn && !keepalive ? session.write(post) : post()
}

// crypto.randomUUID is missing where the page is not served over TLS, such as a first try in a local network.
const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('')

const round = (value: number): number => Math.round(value * 100) / 100

export const watching = new Watching()
