// The server writes the first clip's <video> into the page, so that it plays before this script has even arrived.

const ID = 'first-video'

/** That element, when it shows this clip; asked for once, and removed when it turns out to be of no use. */
export function firstVideo(clipId: string): HTMLVideoElement | undefined {
  const found = document.getElementById(ID)
  if (!(found instanceof HTMLVideoElement)) return undefined
  if (found.dataset['clip'] === clipId) return found
  dropFirstVideo()
  return undefined
}

export function dropFirstVideo(): void {
  document.getElementById(ID)?.remove()
}
