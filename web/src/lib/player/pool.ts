// Three <video> elements, never more: the one on stage and its two neighbours. An element that is not needed any more is
// handed to the clip that comes into reach, so decoders and memory stay bounded however long one watches.

export const POOL_SIZE = 3

export class VideoPool {
  #byKey = new Map<string, HTMLVideoElement>()
  #spare: HTMLVideoElement[] = []

  constructor(private readonly prepare: (video: HTMLVideoElement) => void) {}

  /** Takes over the element that the server wrote into the page; it is playing already and is never reloaded. */
  adopt(key: string, video: HTMLVideoElement): void {
    video.removeAttribute('id')
    // React to what happens from now on, and let nothing but us decide when it plays.
    video.removeAttribute('autoplay')
    this.prepare(video)
    this.#byKey.set(key, video)
  }

  get(key: string): HTMLVideoElement | undefined {
    return this.#byKey.get(key)
  }

  /** The elements for these keys, at most three; all others are emptied and set aside. */
  keep(keys: readonly string[]): void {
    for (const [key, video] of this.#byKey) {
      if (keys.includes(key)) continue
      this.#byKey.delete(key)
      empty(video)
      this.#spare.push(video)
    }
  }

  /** An element for this clip: the one it has, or a spare one. Undefined while all three are taken by others. */
  take(key: string): HTMLVideoElement | undefined {
    const has = this.#byKey.get(key)
    if (has) return has
    if (this.#byKey.size >= POOL_SIZE) return undefined
    const video = this.#spare.pop() ?? this.#make()
    this.#byKey.set(key, video)
    return video
  }

  #make(): HTMLVideoElement {
    const video = document.createElement('video')
    this.prepare(video)
    return video
  }

  clear(): void {
    this.keep([])
    for (const video of this.#spare) video.remove()
    this.#spare = []
  }
}

function empty(video: HTMLVideoElement): void {
  video.pause()
  video.remove()
  video.removeAttribute('src')
  delete video.dataset['clip']
  // Without this the browser goes on fetching the file that nobody will see.
  video.load()
}
