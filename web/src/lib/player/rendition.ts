// Which rendition of a clip to fetch. Decided once per clip: switching inside nine seconds is seen as a flaw, not a gain.

import type { Clip, Rendition } from '$lib/api/contract'

export interface Viewing {
  /** CSS pixels of the stage. */
  width: number
  height: number
  /** Device pixels per CSS pixel. */
  density: number
  bitsPerSecond: number
  saveData: boolean
}

// Above two device pixels per CSS pixel nobody sees the difference in a moving picture, and the bytes are double.
const DENSITY_CAP = 2
// A rendition a little smaller than the stage looks the same, so the next rung is taken only beyond this.
const TOLERANCE = 0.9
// Part of the measured throughput that one clip may use: the next one wants to be fetched too.
const SHARE = 0.6

export function chooseRendition(clip: Pick<Clip, 'renditions' | 'width' | 'height' | 'duration'>, viewing: Viewing): Rendition | undefined {
  const { renditions } = clip
  const lowest = renditions[0]
  if (!lowest || viewing.saveData) return lowest
  const affordable = renditions.filter((one) => bitsPerSecond(one, clip.duration) <= viewing.bitsPerSecond * SHARE)
  const wanted = shownEdge(clip, viewing) * TOLERANCE
  return affordable.find((one) => one.edge >= wanted) ?? affordable.at(-1) ?? lowest
}

/** The short edge of the clip in device pixels, as the stage shows it. */
function shownEdge(clip: Pick<Clip, 'width' | 'height'>, { width, height, density }: Viewing): number {
  const scale = Math.min(width / clip.width, height / clip.height)
  return Math.min(clip.width, clip.height) * scale * Math.min(density, DENSITY_CAP)
}

const bitsPerSecond = (one: Rendition, duration: number): number => (one.bytes * 8) / Math.max(duration, 1)
