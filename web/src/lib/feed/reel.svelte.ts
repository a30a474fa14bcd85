// The player and its list together: what a swipe, a key, a tap or a button of the rail does. One of these per player screen.

import { toasts } from '$kit/toasts.svelte'
import { api } from '$lib/api/client'
import { t } from '$lib/i18n/i18n.svelte'
import { line } from '$lib/player/line'
import { Player, type Cued } from '$lib/player/player.svelte'
import { wordsFor } from '$lib/problems'
import { session } from '$lib/session.svelte'
import type { Feed, Slide } from './feed.svelte'
import type { Shown } from './shown.svelte'

/** What is laid over or beside the clip; each is loaded when it is first opened. */
export type Panel = 'comments' | 'more' | 'why' | 'report' | 'shortcuts' | 'signin'

const SEEK_STEP_S = 2

export class Reel {
  readonly player = new Player()
  panel = $state<Panel | undefined>()
  /** CSS pixels of the picture; the same for every slide. */
  frame = $state.raw({ width: innerWidth, height: innerHeight })
  #restedAt = 0

  constructor(readonly feed: Feed) {
    this.player.viewing = () => ({
      ...this.frame,
      density: devicePixelRatio,
      bitsPerSecond: line.bitsPerSecond,
      saveData: session.savesData,
    })
  }

  get shown(): Shown | undefined {
    return this.feed.shown
  }

  /** Lets the player follow the list; run whenever the slides or the place in them change. */
  cue(): void {
    const { slides, index } = this.feed
    const at = (offset: number): Cued | undefined => cued(slides[index + offset])
    this.player.show({ current: at(0), previous: at(-1), next: at(1), afterNext: at(2) })
  }

  advance(by: number): void {
    if (by > 0) this.#considerRest()
    // The picture starts before the document is redrawn: decoding and drawing then go side by side.
    if (this.feed.advance(by)) this.cue()
  }

  /** The list was scrolled by hand. */
  scrolledTo(index: number): void {
    if (index > this.feed.index) this.#considerRest()
    if (this.feed.goTo(index)) this.cue()
  }

  #considerRest(): void {
    const minutes = Number(session.preferences.break_after_min)
    const watched = this.player.watchedInVisit - this.#restedAt
    if (!minutes || watched < minutes * 60 || this.feed.source.kind === 'list') return
    this.#restedAt = this.player.watchedInVisit
    this.feed.suggestRest(minutes)
  }

  open(panel: Panel): void {
    this.panel = this.panel === panel ? undefined : panel
  }

  closePanel(): void {
    this.panel = undefined
  }

  like(only?: true): void {
    this.#act((shown) => shown.like(only))
  }

  save(): void {
    this.#act(async (shown) => {
      await shown.save()
      if (shown.clip.viewer.saved) toasts.say(t('clip.saved'))
    })
  }

  follow(): void {
    this.#act((shown) => this.feed.follow(shown))
  }

  /** For those who are signed in; others are told once what an account is for. */
  #act(verb: (shown: Shown) => Promise<void>): void {
    const { shown } = this
    if (!shown) return
    if (!session.signedIn) {
      this.panel = 'signin'
      return
    }
    verb(shown).catch((error: unknown) => toasts.say(wordsFor(error)))
  }

  async share(): Promise<void> {
    const { shown } = this
    if (!shown) return
    const url = new URL(shown.clip.url, location.href).href
    const offered = matchMedia('(pointer: coarse)').matches && 'share' in navigator
    try {
      if (offered) await navigator.share({ url, text: shown.clip.caption })
      else await this.#copy(url)
      shown.shared()
    } catch (error) {
      const cancelled = error instanceof DOMException && error.name === 'AbortError'
      if (!cancelled) toasts.say(t('clip.shareFailed'))
    }
  }

  async copyLink(): Promise<void> {
    const { shown } = this
    if (!shown) return
    try {
      await this.#copy(new URL(shown.clip.url, location.href).href)
      shown.shared()
    } catch {
      toasts.say(t('clip.shareFailed'))
    }
  }

  async #copy(url: string): Promise<void> {
    await navigator.clipboard.writeText(url)
    toasts.say(t('clip.copied'))
  }

  dismiss(kind: 'not_interested' | 'less_from'): void {
    const { shown } = this
    this.closePanel()
    if (!shown) return
    const undo = this.feed.dismiss(shown, kind)
    const text =
      kind === 'less_from' ? t('clip.lessFromDone', { name: shown.clip.author.name }) : t('clip.notInterestedDone')
    toasts.say(text, { label: t('common.undo'), run: undo })
  }

  async report(reason: string, text: string): Promise<string> {
    const { shown } = this
    const moment_s = this.player.video?.currentTime
    const answer = await session.write(() =>
      api.post<{ receipt: string }>('/reports', { kind: 'clip', id: shown?.id, reason, text, moment_s }),
    )
    return answer.receipt
  }

  toggleCaptions(): void {
    void session.prefer({ captions: !session.preferences.captions })
  }

  /** What a key does; false when it means nothing here, so that the browser may have it. */
  press(key: string): boolean {
    const act = KEYS[key.length === 1 ? key.toLowerCase() : key]
    act?.(this)
    return act !== undefined
  }

  close(): void {
    this.player.close()
  }
}

const seekBy = (seconds: number) => (reel: Reel) => reel.player.seek((reel.player.video?.currentTime ?? 0) + seconds)
const forward = (reel: Reel): void => reel.advance(1)
const backward = (reel: Reel): void => reel.advance(-1)
const toggle = (reel: Reel): void => reel.player.toggle()

const KEYS: Partial<Record<string, (reel: Reel) => void>> = {
  ArrowDown: forward,
  PageDown: forward,
  j: forward,
  ArrowUp: backward,
  PageUp: backward,
  k: backward,
  ' ': toggle,
  p: toggle,
  ArrowRight: seekBy(SEEK_STEP_S),
  ArrowLeft: seekBy(-SEEK_STEP_S),
  m: (reel) => reel.player.toggleSound(),
  c: (reel) => reel.toggleCaptions(),
  l: (reel) => reel.like(),
  s: (reel) => reel.save(),
  o: (reel) => reel.open('comments'),
  '?': (reel) => reel.open('shortcuts'),
}

const cued = (slide: Slide | undefined): Cued | undefined =>
  slide?.kind === 'clip' ? { key: slide.key, clip: slide.shown.clip } : undefined
