// Captions are drawn by us and not by the browser, so that they are legible over any picture, clear of the controls, and the
// same everywhere. This reads the part of WebVTT that captions use; positions and styles are left to our own layout.

import type { Track } from '$lib/api/contract'

export interface Cue {
  start: number
  end: number
  text: string
}

const TIMING = /^(?:(\d+):)?(\d{1,2}):(\d{2})\.(\d{3})\s+-->\s+(?:(\d+):)?(\d{1,2}):(\d{2})\.(\d{3})/

export function parseVTT(source: string): Cue[] {
  const cues: Cue[] = []
  for (const block of source.replace(/\r\n?/g, '\n').split(/\n{2,}/)) {
    const lines = block.split('\n')
    const at = lines.findIndex((line) => TIMING.test(line))
    const found = TIMING.exec(lines[at] ?? '')
    if (!found) continue
    const part = found.map(Number)
    const text = lines.slice(at + 1).join('\n')
    cues.push({ start: seconds(part, 1), end: seconds(part, 5), text: plain(text) })
  }
  return cues.sort((a, b) => a.start - b.start)
}

const seconds = (part: number[], at: number): number =>
  (part[at] || 0) * 3600 + (part[at + 1] ?? 0) * 60 + (part[at + 2] ?? 0) + (part[at + 3] ?? 0) / 1000

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', nbsp: '\u00a0', lrm: '\u200e', rlm: '\u200f' }

function plain(text: string): string {
  return text
    .replace(/<[^>]*>/g, '')
    .replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole)
    .trim()
}

export function cueAt(cues: readonly Cue[], time: number): string {
  return cues
    .filter((cue) => cue.start <= time && time < cue.end)
    .map((cue) => cue.text)
    .join('\n')
}

/** The viewer's language first, else the clip's own, else whatever there is. */
export function chooseTrack(tracks: readonly Track[], ...wishes: string[]): Track | undefined {
  for (const wish of wishes) {
    const found = tracks.find((track) => track.language.split('-')[0] === wish.split('-')[0])
    if (found) return found
  }
  return tracks[0]
}

const fetched = new Map<string, Promise<Cue[]>>()

export function cuesOf(track: Track): Promise<Cue[]> {
  const known = fetched.get(track.url)
  if (known) return known
  const cues = fetch(track.url, { credentials: 'same-origin' })
    .then((response) => (response.ok ? response.text() : ''))
    .then(parseVTT)
    .catch((): Cue[] => {
      fetched.delete(track.url)
      return []
    })
  fetched.set(track.url, cues)
  return cues
}
