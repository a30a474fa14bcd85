// One gesture of a wheel or a trackpad is one clip. A notched wheel sends single steps; a trackpad sends a long tail of
// ever smaller ones after the fingers have left it, which must not run through three clips.

const PAUSE_MS = 140
const LOCK_MS = 320
const NOTCH_LOCK_MS = 160
// A new push is felt as a sudden growth against the dying tail.
const GROWTH = 1.8
const MIN_DELTA = 4

export class WheelGesture {
  #lastEvent = 0
  #lastStep = 0
  #lastSize = 0

  /** How many clips to go for this event: -1, 0 or 1. */
  step(deltaY: number, deltaMode: number, now: number): -1 | 0 | 1 {
    const size = Math.abs(deltaY)
    if (size < MIN_DELTA && deltaMode === 0) return 0
    // Notches repeat one size exactly; no two events of a tail do.
    const notched = deltaMode !== 0 || (size >= 100 && size === this.#lastSize)
    const paused = now - this.#lastEvent > PAUSE_MS
    const pushed = size > this.#lastSize * GROWTH
    const locked = now - this.#lastStep < (notched ? NOTCH_LOCK_MS : LOCK_MS)
    this.#lastEvent = now
    this.#lastSize = size
    if (locked || !(notched || paused || pushed)) return 0
    this.#lastStep = now
    return deltaY > 0 ? 1 : -1
  }
}
