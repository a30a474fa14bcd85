// Plays one clip and makes ready the next two. Views tell it what is on stage; it owns the <video> elements, the sound, and
// what the viewer has asked for (playing or paused), which is not the same as what the browser grants.

import type { Clip } from '$lib/api/contract'
import { session } from '$lib/session.svelte'
import { remember, remembered } from '$lib/storage'
import { watching } from '../feed/watching'
import { line } from './line'
import { WatchMeter } from './meter'
import { VideoPool } from './pool'
import { chooseRendition, type Viewing } from './rendition'

/** A clip with the key of its slide: the same clip may stand in a list twice. */
export interface Cued {
  key: string
  clip: Clip
}

export interface Line {
  current: Cued | undefined
  previous: Cued | undefined
  next: Cued | undefined
  /** Gets a head start by byte range and no element yet. */
  afterNext: Cued | undefined
}

// A shorter wait is not worth a sign: it would only flicker.
const BUFFERING_SHOWN_AFTER_MS = 400
// With this much in hand the line may serve the next clip.
const COMFORTABLE_S = 4
// Neighbours are wound back once they are out of sight.
const REWIND_AFTER_MS = 300

export class Player {
  /** What the viewer wants. */
  wantsPlay = $state(true)
  /** What is happening. */
  playing = $state(false)
  muted = $state(true)
  buffering = $state(false)
  /** The browser refused to start by itself: only a tap will do. */
  refused = $state(false)
  failed = $state(false)
  /** The viewer wants sound, and the browser is still waiting for a first touch. */
  soundWaits = $state(false)
  /** Nobody has said yet whether they want sound, or their wish waits for a touch: worth a word beside the button. */
  invitesSound = $state(false)
  /** Seconds watched in this visit; the stopping point looks at it. */
  watchedInVisit = $state(0)
  viewing: () => Viewing = () => ({ width: 400, height: 700, density: 1, bitsPerSecond: line.bitsPerSecond, saveData: session.savesData })

  #pool = new VideoPool((video) => this.#prepare(video))
  #stages = new Map<string, HTMLElement>()
  #line: Line = { current: undefined, previous: undefined, next: undefined, afterNext: undefined }
  #chosen = new Map<string, string>()
  #meter = new WatchMeter()
  #wantsSound = remembered('sound') === 'on'
  #timer: ReturnType<typeof setTimeout> | undefined
  #retried = new Set<string>()
  #end = new AbortController()

  constructor() {
    const { signal } = this.#end
    document.addEventListener('visibilitychange', () => this.#onVisibility(), { signal })
    // A swipe is no gesture in the browser's sense, but a tap or a key is; the first one brings the sound that was chosen.
    const touched = (): void => this.#onGesture()
    for (const type of ['pointerup', 'keydown'] as const) addEventListener(type, touched, { signal })
    addEventListener('pagehide', () => this.#report(), { signal })
    this.muted = !(this.#wantsSound && navigator.userActivation?.hasBeenActive)
    this.soundWaits = this.#wantsSound && this.muted
    this.invitesSound = this.soundWaits || remembered('sound') === null
  }

  get video(): HTMLVideoElement | undefined {
    return this.#line.current && this.#pool.get(this.#line.current.key)
  }

  /** Takes the first clip's element over from the server's page. */
  adopt(key: string, video: HTMLVideoElement): void {
    this.#pool.adopt(key, video)
    this.muted = video.muted
  }

  /** Where a slide's video is to be put; made for `{@attach}`. */
  stage(key: string): (element: HTMLElement) => () => void {
    return (element) => {
      this.#stages.set(key, element)
      this.#place(key)
      return () => {
        if (this.#stages.get(key) === element) this.#stages.delete(key)
      }
    }
  }

  /** Puts a clip on stage, and its neighbours in readiness. */
  show(next: Line): void {
    const before = this.#line.current
    const changed = before?.key !== next.current?.key
    if (changed) this.#leaveStage(before)
    this.#line = next
    this.#pool.keep([next.previous, next.current, next.next].flatMap((cued) => cued?.key ?? []))
    if (!next.current) return
    const video = this.#load(next.current)
    if (changed) this.#enterStage(video)
    this.#prepareNeighbours()
  }

  #leaveStage(cued: Cued | undefined): void {
    if (!cued) return
    this.#report()
    this.failed = false
    const video = this.#pool.get(cued.key)
    video?.pause()
    setTimeout(() => {
      if (video && this.#pool.get(cued.key) === video && this.#line.current?.key !== cued.key) video.currentTime = 0
    }, REWIND_AFTER_MS)
  }

  #enterStage(video: HTMLVideoElement | undefined): void {
    this.wantsPlay = true
    this.#waiting(Boolean(video && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA))
    this.playing = Boolean(video && !video.paused)
    if (this.playing) this.#meter.run()
    if (video && document.visibilityState === 'visible') void this.#start(video)
  }

  async #start(video: HTMLVideoElement): Promise<void> {
    video.muted = this.muted
    try {
      await video.play()
      this.refused = false
    } catch (error) {
      if (video !== this.video || !(error instanceof DOMException) || error.name !== 'NotAllowedError') return
      if (this.muted) {
        this.refused = true
        return
      }
      // Sound without a gesture was refused: without sound it may play.
      this.muted = true
      this.soundWaits = true
      await this.#start(video)
    }
  }

  /** What the browser plays for this clip; chosen once, so that no byte is fetched twice. */
  #sourceOf(clip: Clip): string | undefined {
    const known = this.#chosen.get(clip.id)
    if (known) return known
    const chosen = chooseRendition(clip, this.viewing())
    if (chosen) this.#chosen.set(clip.id, chosen.url)
    return chosen?.url
  }

  #load(cued: Cued): HTMLVideoElement | undefined {
    const has = this.#pool.get(cued.key)
    if (has) {
      this.#place(cued.key)
      return has
    }
    const source = this.#sourceOf(cued.clip)
    const video = source ? this.#pool.take(cued.key) : undefined
    if (!video || !source) return undefined
    video.dataset['clip'] = cued.clip.id
    video.preload = 'auto'
    video.muted = true
    video.src = source
    this.#place(cued.key)
    return video
  }

  #place(key: string): void {
    const video = this.#pool.get(key)
    const stage = this.#stages.get(key)
    if (!video || !stage || video.parentElement === stage) return
    if (stage.moveBefore && video.isConnected) stage.moveBefore(video, stage.firstChild)
    else stage.prepend(video)
  }

  /** The next clip gets its element once the current one is comfortable, the one after that its first bytes. */
  #prepareNeighbours(): void {
    const { current, previous, next, afterNext } = this.#line
    const video = current && this.#pool.get(current.key)
    if (video && !comfortable(video)) return
    const waiting = next && this.#load(next)
    if (previous) this.#load(previous)
    const ready = !waiting || waiting.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA
    if (!afterNext || !ready) return
    const rendition = afterNext.clip.renditions.find((one) => one.url === this.#sourceOf(afterNext.clip))
    if (rendition) line.headStart(rendition.url, rendition.bytes, session.savesData)
  }

  #prepare(video: HTMLVideoElement): void {
    video.playsInline = true
    video.loop = true
    video.disablePictureInPicture = true
    video.tabIndex = -1
    // The slide's own words and buttons speak for it.
    video.setAttribute('aria-hidden', 'true')
    const { signal } = this.#end
    const on = (type: keyof HTMLMediaElementEventMap, act: () => void): void => {
      video.addEventListener(type, () => video === this.video && act(), { signal })
    }
    on('playing', () => {
      this.playing = true
      this.#waiting(false)
      this.#meter.run()
      this.#prepareNeighbours()
    })
    on('pause', () => {
      this.playing = false
      this.#meter.rest()
    })
    on('waiting', () => {
      this.#meter.rest()
      this.#waiting(true)
    })
    on('canplay', () => this.#waiting(false))
    on('timeupdate', () => this.#meter.at(video.currentTime, video.duration))
    on('error', () => this.#onError(video))
    for (const type of ['progress', 'canplaythrough'] as const) {
      video.addEventListener(type, () => this.#prepareNeighbours(), { signal })
    }
  }

  #waiting(waits: boolean): void {
    clearTimeout(this.#timer)
    if (!waits) this.buffering = false
    else this.#timer = setTimeout(() => (this.buffering = true), BUFFERING_SHOWN_AFTER_MS)
  }

  #onError(video: HTMLVideoElement): void {
    const clip = this.#line.current?.clip
    if (!clip) return
    const lowest = clip.renditions[0]
    if (!this.#retried.has(clip.id) && lowest) {
      this.#retried.add(clip.id)
      this.#chosen.set(clip.id, lowest.url)
      video.src = lowest.url
      void this.#start(video)
      return
    }
    this.#waiting(false)
    this.failed = true
  }

  #onVisibility(): void {
    const video = this.video
    if (document.visibilityState === 'hidden') {
      video?.pause()
      this.#report()
    } else if (video && this.wantsPlay) void this.#start(video)
  }

  #onGesture(): void {
    if (!this.soundWaits) return
    this.soundWaits = false
    this.#setMuted(false)
  }

  /** Hands what was watched of the clip on stage to the feed. */
  #report(): void {
    const { seconds, loops } = this.#meter.take()
    const clip = this.#line.current?.clip
    if (!clip || seconds <= 0) return
    this.watchedInVisit += seconds
    watching.watched(clip.id, seconds, loops, clip.duration)
  }

  toggle(): void {
    const video = this.video
    if (!video) return
    this.wantsPlay = video.paused
    if (this.wantsPlay) void this.#start(video)
    else {
      this.#meter.rest()
      video.pause()
    }
  }

  /** Tries a clip that has failed once more. */
  retry(): void {
    const { video } = this
    const clip = this.#line.current?.clip
    this.failed = false
    if (!video || !clip) return
    this.#retried.delete(clip.id)
    video.load()
    void this.#start(video)
  }

  toggleSound(): void {
    this.#wantsSound = this.muted
    this.soundWaits = false
    remember('sound', this.#wantsSound ? 'on' : 'off')
    this.#setMuted(!this.#wantsSound)
  }

  #setMuted(muted: boolean): void {
    this.muted = muted
    this.invitesSound = false
    const video = this.video
    if (!video) return
    video.muted = muted
    if (!muted && this.wantsPlay) void this.#start(video)
  }

  seek(seconds: number): void {
    const video = this.video
    if (!video || !Number.isFinite(video.duration)) return
    video.currentTime = Math.min(Math.max(0, seconds), Math.max(0, video.duration - 0.05))
  }

  close(): void {
    this.#report()
    this.#end.abort()
    this.#line = { current: undefined, previous: undefined, next: undefined, afterNext: undefined }
    this.#pool.clear()
    clearTimeout(this.#timer)
    void watching.flush()
  }
}

function comfortable(video: HTMLVideoElement): boolean {
  if (video.error) return true
  const { buffered, currentTime, duration } = video
  const last = buffered.length ? buffered.end(buffered.length - 1) : 0
  return Number.isFinite(duration) && last - currentTime >= Math.min(COMFORTABLE_S, duration - currentTime - 0.2)
}
