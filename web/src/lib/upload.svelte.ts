// Uploads over tus (tus.io, 1.0): each is a small state machine that survives a lost connection and a reload.
//
// sending ⇄ paused (by the person), sending ⇄ waiting (no connection, or the server is away: it goes on by itself),
// → sent, or → failed with words. The clip it becomes exists on the server from the first answer on.

import type { HttpResponse, Upload as TusUpload, DetailedError } from 'tus-js-client'
import { api } from './api/client'
import { cookie } from './api/cookie'
import { Draft } from './draft.svelte'
import { i18n, t } from './i18n/i18n.svelte'
import { session } from './session.svelte'
import { remember, remembered } from './storage'

const ENDPOINT = '/api/v1/uploads/'
// A part is one request; behind a proxy that keeps requests to itself, a lost connection costs no more than this.
const PART_BYTES = 16 * 1024 * 1024
const RETRY_MS = [500, 1_000, 3_000, 5_000, 10_000, 20_000, 30_000, 30_000, 60_000]
const SPEED_WINDOW_MS = 8_000
const KEPT_MS = 24 * 3_600_000
const KEPT = 'uploads'

export type UploadState = 'sending' | 'waiting' | 'paused' | 'sent' | 'failed'

/** What is remembered of an upload, so that it can go on after a reload with the same file. */
export interface Unfinished {
  url: string
  clip: string
  name: string
  size: number
  owner: string
  /** Milliseconds since 1970. */
  at: number
}

function unfinishedOnes(): Unfinished[] {
  try {
    const all = JSON.parse(remembered(KEPT) ?? '[]') as Unfinished[]
    return all.filter((one) => Date.now() - one.at < KEPT_MS)
  } catch {
    return []
  }
}

const keep = (all: Unfinished[]): void => remember(KEPT, JSON.stringify(all))

export class Upload {
  state = $state<UploadState>('sending')
  /** Bytes that the server has. */
  sent = $state(0)
  /** Bytes a second over the last seconds; 0 when unknown. */
  speed = $state(0)
  clip = $state<string | undefined>()
  /** Why it waits or failed, in words. */
  problem = $state('')
  /** What the server answered when it refused; the screen may know what to do about it. */
  code = $state('')
  readonly size: number
  readonly name: string
  /** What the person says about it meanwhile. */
  readonly draft = new Draft()
  #tus: TusUpload | undefined
  #unfollow: (() => void) | undefined
  #marks: { at: number; sent: number }[] = []

  constructor(
    readonly file: File,
    readonly account: string | undefined,
    readonly forget: (upload: Upload) => void,
  ) {
    this.size = file.size
    this.name = file.name
  }

  get share(): number {
    return this.size ? this.sent / this.size : 0
  }

  /** Seconds left at the present speed; undefined while that says nothing yet. */
  get remaining(): number | undefined {
    return this.speed > 0 ? (this.size - this.sent) / this.speed : undefined
  }

  get busy(): boolean {
    return this.state === 'sending' || this.state === 'waiting' || this.state === 'paused'
  }

  async start(from?: Unfinished): Promise<void> {
    if (from) {
      this.clip = from.clip
      // What was filled in before the reload is on the server; without it the form would begin anew.
      await this.draft.load(from.clip).catch(() => this.draft.appear(from.clip))
    }
    try {
      // Loaded by those who publish, and by nobody else.
      const { Upload: Tus } = await import('tus-js-client')
      await session.write(() => Promise.resolve())
      this.#tus = new Tus(this.file, {
        endpoint: ENDPOINT,
        uploadUrl: from?.url ?? null,
        chunkSize: PART_BYTES,
        retryDelays: RETRY_MS,
        metadata: {
          filename: this.file.name,
          filetype: this.file.type,
          ...(this.account ? { account: this.account } : {}),
        },
        // We remember uploads ourselves, with the clip and the owner beside the address.
        storeFingerprintForResuming: false,
        onBeforeRequest: (request) => request.setHeader('X-CSRFToken', cookie('csrftoken') ?? ''),
        onAfterResponse: (_request, response) => this.#answered(response),
        // As soon as there is an address, and not only when the first part has arrived: a small file is one part.
        onUploadUrlAvailable: () => this.#keepAddress(),
        onProgress: (sent) => this.#progressed(sent),
        onShouldRetry: (error) => this.#mayTryAgain(error),
        onSuccess: () => this.#finished(),
        onError: (error) => this.#stopped(error),
      })
      this.state = 'sending'
      this.#tus.start()
    } catch (error) {
      this.#stopped(error as Error)
    }
  }

  async pause(): Promise<void> {
    this.state = 'paused'
    this.speed = 0
    this.#marks = []
    await this.#tus?.abort()
  }

  /** Goes on after a pause, or at once where it waits. */
  async resume(): Promise<void> {
    if (this.state === 'sent') return
    this.problem = this.code = ''
    if (!this.#tus) return this.start()
    await this.#tus.abort()
    this.state = 'sending'
    this.#tus.start()
  }

  /** Stops for good: what was sent is removed from the server, and the clip with it. */
  async cancel(): Promise<void> {
    await this.#tus?.abort()
    const clip = this.clip
    this.forget(this)
    if (clip) await session.write(() => api.del(`/clips/${clip}`))
  }

  #answered(response: HttpResponse): void {
    const clip = response.getHeader('Hustings-Clip')
    if (clip && clip !== this.clip) {
      this.clip = clip
      this.draft.appear(clip)
    }
    this.#keepAddress()
  }

  #keepAddress(): void {
    const url = this.#tus?.url
    if (url && this.clip && this.state !== 'sent') this.#remember(url, this.clip)
  }

  #remember(url: string, clip: string): void {
    const others = unfinishedOnes().filter((one) => one.url !== url)
    const owner = session.account?.handle ?? ''
    keep([...others, { url, clip, owner, name: this.name, size: this.size, at: Date.now() }])
  }

  #progressed(sent: number): void {
    const now = performance.now()
    this.#marks = [...this.#marks.filter((mark) => now - mark.at < SPEED_WINDOW_MS), { at: now, sent }]
    const first = this.#marks[0]
    const seconds = first ? (now - first.at) / 1000 : 0
    if (first && seconds > 1) this.speed = Math.max(0, (sent - first.sent) / seconds)
    this.sent = sent
    if (this.state === 'waiting') {
      this.state = 'sending'
      this.problem = ''
    }
  }

  /** Called by tus between attempts: transient troubles wait, refusals stop. */
  #mayTryAgain(error: Error | DetailedError): boolean {
    const status = statusOf(error)
    const transient = status === 0 || status >= 500 || [408, 409, 423, 429, 460].includes(status)
    if (!transient || status === 507) return false
    this.state = 'waiting'
    this.speed = 0
    this.#marks = []
    this.problem = t(navigator.onLine ? 'upload.waitingServer' : 'upload.waitingOffline')
    return true
  }

  #finished(): void {
    this.state = 'sent'
    this.sent = this.size
    this.speed = 0
    this.problem = ''
    this.forgetMemory()
    this.#unfollow = this.draft.follow()
  }

  /** Nothing is asked any more about an upload that left the screen. */
  release(): void {
    this.#unfollow?.()
  }

  /** Not offered again after a reload. */
  forgetMemory(): void {
    keep(unfinishedOnes().filter((one) => one.clip !== this.clip))
  }

  #stopped(error: Error | DetailedError): void {
    const status = statusOf(error)
    const refusal = refusalOf(error)
    this.speed = 0
    // tus has given up after its last attempt, but the connection may come back after that.
    if ((status === 0 || status >= 500) && status !== 507) {
      this.state = 'waiting'
      this.problem = t(navigator.onLine ? 'upload.waitingServer' : 'upload.waitingOffline')
      return
    }
    this.state = 'failed'
    this.code = refusal.code ?? `http_${status}`
    this.problem =
      i18n.find(`error.${this.code}`, refusal.params) ??
      ([refusal.message, refusal.hint].filter(Boolean).join(' ') || t('error.unknown'))
    if (status === 404 || status === 410) this.forgetMemory()
  }
}

const statusOf = (error: Error | DetailedError): number =>
  'originalResponse' in error ? (error.originalResponse?.getStatus() ?? 0) : 0

interface Refusal {
  code?: string
  message?: string
  hint?: string
  params?: Record<string, string | number>
}

function refusalOf(error: Error | DetailedError): Refusal {
  try {
    const body = 'originalResponse' in error ? error.originalResponse?.getBody() : undefined
    return body ? (JSON.parse(body) as Refusal) : {}
  } catch {
    return {}
  }
}

class Uploads {
  /** Newest first; they live on while one looks at other screens. */
  list = $state.raw<Upload[]>([])
  /** Of the largest file that the server takes; undefined until it was asked. */
  maxBytes = $state<number | undefined>()
  #kept = $state.raw<Unfinished[]>(unfinishedOnes())

  constructor() {
    addEventListener('online', () => {
      for (const upload of this.list) if (upload.state === 'waiting') void upload.resume()
    })
    addEventListener('beforeunload', (event) => {
      if (this.list.some((upload) => upload.state === 'sending' || upload.draft.dirty)) event.preventDefault()
    })
  }

  /** Those of this person that were cut off by a reload and are not going on already. */
  get unfinished(): Unfinished[] {
    const going = new Set(this.list.map((upload) => upload.clip))
    return this.#kept.filter((one) => one.owner === session.account?.handle && !going.has(one.clip))
  }

  /** The server says its limit in the answer to OPTIONS, as tus has it. */
  async askLimit(): Promise<void> {
    if (this.maxBytes !== undefined) return
    const answer = await fetch(ENDPOINT, { method: 'OPTIONS' }).catch(() => undefined)
    const limit = Number(answer?.headers.get('Tus-Max-Size'))
    if (limit > 0) this.maxBytes = limit
  }

  begin(file: File, account: string | undefined): Upload {
    const from = this.unfinished.find((one) => one.name === file.name && one.size === file.size)
    const upload = new Upload(file, account, (gone) => this.drop(gone))
    this.list = [upload, ...this.list]
    void upload.start(from)
    return upload
  }

  drop(upload: Upload): void {
    if (upload.state !== 'sent') upload.forgetMemory()
    upload.release()
    this.list = this.list.filter((one) => one !== upload)
    this.#kept = unfinishedOnes()
  }

  /** Gives up an upload that was cut off. */
  async discard(one: Unfinished): Promise<void> {
    keep(unfinishedOnes().filter((other) => other.clip !== one.clip))
    this.#kept = unfinishedOnes()
    await session.write(() => api.del(`/clips/${one.clip}`))
  }
}

export const uploads = new Uploads()
