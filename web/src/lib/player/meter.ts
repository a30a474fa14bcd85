// How long a clip was really watched: time with the picture moving, counted on the wall clock and not on the position,
// so that seeking neither adds nor takes away.

export interface Watched {
  seconds: number
  loops: number
}

export class WatchMeter {
  #seconds = 0
  #loops = 0
  #since: number | undefined
  #position = 0

  constructor(private readonly now: () => number = () => performance.now() / 1000) {}

  run(): void {
    this.#since ??= this.now()
  }

  rest(): void {
    if (this.#since === undefined) return
    this.#seconds += this.now() - this.#since
    this.#since = undefined
  }

  /** Told the position now and then; a fall from near the end to near the beginning is one loop. */
  at(position: number, duration: number): void {
    if (duration && this.#position > duration * 0.7 && position < duration * 0.3) this.#loops += 1
    this.#position = position
  }

  /** What was gathered, and a fresh start. */
  take(): Watched {
    const running = this.#since !== undefined
    this.rest()
    const watched = { seconds: this.#seconds, loops: this.#loops }
    this.#seconds = 0
    this.#loops = 0
    this.#position = 0
    if (running) this.run()
    return watched
  }
}
