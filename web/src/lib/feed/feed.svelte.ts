// The list under the player: which slide is on stage, and what comes after it.

import { APIError, api } from '$lib/api/client'
import { session } from '$lib/session.svelte'
import type { Batch, Source } from './sources'
import { Shown } from './shown.svelte'
import { watching } from './watching'

export type Slide =
  | { key: string; kind: 'clip'; shown: Shown }
  /** A natural stopping point. */
  | { key: string; kind: 'rest'; minutes: number }
  /** There is no more: you are up to date, or the list is over. */
  | { key: string; kind: 'end' }

type Status = 'loading' | 'ready' | 'empty' | 'failed' | 'missing'

// The next page is asked for while this many clips are still to come.
const REMAINING = 3
const ASK_AGAIN_MS = 8_000
// Long enough to read the message and change one's mind.
const UNDO_MS = 8_000

export class Feed {
  slides = $state.raw<Slide[]>([])
  index = $state(0)
  status = $state<Status>('loading')
  error = $state.raw<unknown>()
  #over = false
  #asking: Promise<void> | undefined
  #serial = 0
  #askedAt = -Infinity

  constructor(readonly source: Source) {}

  get current(): Slide | undefined {
    return this.slides[this.index]
  }

  get shown(): Shown | undefined {
    const slide = this.current
    return slide?.kind === 'clip' ? slide.shown : undefined
  }

  async open(): Promise<void> {
    if (this.slides.length) return
    this.status = 'loading'
    await this.#more()
  }

  /** Forward or back by so many; false when there is nothing there. */
  advance(by: number): boolean {
    return this.goTo(this.index + by)
  }

  goTo(index: number): boolean {
    if (index < 0 || index >= this.slides.length || index === this.index) return false
    this.index = index
    if (this.slides.length - 1 - index <= REMAINING) void this.#more()
    return true
  }

  retry(): Promise<void> {
    if (!this.slides.length) this.status = 'loading'
    return this.#more()
  }

  #more(): Promise<void> {
    if (this.#over && !this.#mayHaveGrown()) return Promise.resolve()
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined))
    return this.#asking
  }

  /** The feed may have new clips a moment after it had none: others publish. */
  #mayHaveGrown(): boolean {
    return this.source.kind === 'forYou' && performance.now() - this.#askedAt > ASK_AGAIN_MS
  }

  async #ask(): Promise<void> {
    this.#askedAt = performance.now()
    const coming = this.slides.slice(this.index)
    try {
      this.#add(await this.source.next(coming.flatMap((slide) => (slide.kind === 'clip' ? [slide.shown.id] : []))))
      this.error = undefined
    } catch (error) {
      this.error = error
      if (this.slides.length) return
      this.status = error instanceof APIError && error.status === 404 ? 'missing' : 'failed'
    }
  }

  #add(batch: Batch): void {
    const known = new Set(this.slides.map((slide) => (slide.kind === 'clip' ? slide.shown.id : '')))
    const fresh = batch.items.filter(({ clip }) => !known.has(clip.id))
    const first = this.slides.length === 0
    const added: Slide[] = fresh.map(({ clip, why }) => ({ key: this.#key(clip.id), kind: 'clip', shown: new Shown(clip, why) }))
    // A page that holds nothing new would be asked for again and again.
    this.#over = batch.last || fresh.length === 0
    const before = added.length ? this.slides.filter((slide) => slide.kind !== 'end') : this.slides
    const ended = before.at(-1)?.kind === 'end'
    if (this.#over && !ended && before.length + added.length > 0) added.push({ key: this.#key('end'), kind: 'end' })
    this.slides = [...before, ...added]
    if (first) this.index = batch.startAt ?? 0
    this.status = this.slides.length ? 'ready' : 'empty'
    // A first batch of one clip (a watch page) wants its successors at once.
    if (!this.#over && this.slides.length - this.index <= REMAINING) queueMicrotask(() => void this.#more())
  }

  #key(name: string): string {
    return `${name}.${this.#serial++}`
  }

  /** Puts a calm card after the clip on stage. */
  suggestRest(minutes: number): void {
    const card: Slide = { key: this.#key('rest'), kind: 'rest', minutes }
    this.slides = [...this.slides.slice(0, this.index + 1), card, ...this.slides.slice(this.index + 1)]
  }

  /** Takes the clip away and tells the feed after a while; the answer brings it back as if nothing had been said. */
  dismiss(shown: Shown, kind: 'not_interested' | 'less_from'): () => void {
    const before = this.slides
    const at = this.index
    const gone = (slide: Slide): boolean =>
      slide.kind === 'clip' &&
      (slide.shown === shown || (kind === 'less_from' && slide.shown.clip.author.handle === shown.clip.author.handle))
    // Those already behind stay, so that going back still works.
    this.slides = this.slides.filter((slide, index) => index < at || !gone(slide))
    this.index = Math.min(at, Math.max(0, this.slides.length - 1))
    void this.#more()
    const takeBack = watching.tellLater({ clip: shown.id, kind }, UNDO_MS)
    return () => {
      takeBack()
      const grown = this.slides.filter((slide) => !before.includes(slide))
      this.slides = [...before, ...grown]
      this.index = at
    }
  }

  async follow(shown: Shown, following = !shown.clip.viewer.following): Promise<void> {
    const { handle } = shown.clip.author
    if (following) watching.acted(shown.id, 'follow')
    this.#setFollowing(handle, following)
    const path = `/accounts/${encodeURIComponent(handle)}/follow`
    try {
      await session.write(() => (following ? api.put(path) : api.del(path)))
    } catch (error) {
      this.#setFollowing(handle, !following)
      throw error
    }
  }

  #setFollowing(handle: string, following: boolean): void {
    for (const slide of this.slides) {
      if (slide.kind === 'clip' && slide.shown.clip.author.handle === handle) slide.shown.setFollowing(following)
    }
  }
}

// Lists that were left stay for a while, so that coming back from a profile finds the same clip on stage.
const KEPT = 4
const left = new Map<string, Feed>()

export function feedFor(source: Source): Feed {
  // What one account was shown is nothing for the next one, nor for a viewer who has signed out.
  const key = `${session.account?.handle ?? ''} ${source.key}`
  const feed = left.get(key) ?? new Feed(source)
  left.delete(key)
  left.set(key, feed)
  for (const key of [...left.keys()].slice(0, -KEPT)) left.delete(key)
  return feed
}

/** After “reset my feed” no list is what it was. */
export function forgetFeeds(): void {
  left.clear()
}
