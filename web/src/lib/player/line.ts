// How fast the line is, and the head start that clips get on it.

// A guess before anything was measured: a middling mobile connection.
const FIRST_GUESS = 6e6
// Weight of a new sample; a line changes within seconds on a train, and one odd sample must not rule.
const WEIGHT = 0.35
// Below this the time is mostly the server's and the scheduler's, and says little about the line.
const MEANINGFUL_BYTES = 40_000
const HEAD_START_BYTES = 384 * 1024
const HEAD_START_BYTES_SAVING = 96 * 1024

class Line {
  #bitsPerSecond = navigator.connection?.downlink ? navigator.connection.downlink * 1e6 : FIRST_GUESS

  constructor() {
    if (typeof PerformanceObserver === 'undefined') return
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#learn(entry as PerformanceResourceTiming)
    })
    observer.observe({ type: 'resource' })
  }

  get bitsPerSecond(): number {
    return this.#bitsPerSecond
  }

  // Only our own range requests count: a <video> reads slowly on purpose once it has enough.
  #learn({ initiatorType, name, transferSize, responseStart, responseEnd }: PerformanceResourceTiming): void {
    if (initiatorType !== 'fetch' || !name.includes('/media/') || transferSize < MEANINGFUL_BYTES) return
    const seconds = Math.max((responseEnd - responseStart) / 1000, 0.001)
    const sample = (transferSize * 8) / seconds
    this.#bitsPerSecond += WEIGHT * (sample - this.#bitsPerSecond)
  }

  #begun = new Set<string>()

  /** Puts the first part of a file into the browser's cache, where a <video> that asks for it later finds it. */
  headStart(url: string, bytes: number, saveData: boolean): void {
    if (this.#begun.has(url)) return
    this.#begun.add(url)
    const last = Math.min(bytes, saveData ? HEAD_START_BYTES_SAVING : HEAD_START_BYTES) - 1
    fetch(url, { headers: { Range: `bytes=0-${last}` }, credentials: 'same-origin', priority: 'low' })
      .then((response) => response.arrayBuffer())
      .catch(() => this.#begun.delete(url))
  }
}

export const line = new Line()
