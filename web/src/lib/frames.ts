// Still pictures from a file that is still on this device, so that a cover can be chosen before the server has seen it all.

export interface Frame {
  /** Seconds from the start. */
  time: number
  /** A blob: address; revoke it with `release`. */
  url: string
}

const PATIENCE_MS = 6_000
const HEIGHT = 320

/** Evenly spread moments, away from both ends: the same rule as the server's. */
export const moments = (duration: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.round(((duration * (index + 0.5)) / count) * 100) / 100)

/** Frames of a video file, as many as this browser can show of it: none when it cannot decode the file. */
export async function framesOf(file: Blob, count: number, signal: AbortSignal): Promise<Frame[]> {
  const video = document.createElement('video')
  video.muted = true
  video.playsInline = true
  video.preload = 'auto'
  const address = URL.createObjectURL(file)
  const found: Frame[] = []
  try {
    video.src = address
    await happens(video, 'loadeddata', signal)
    if (!video.videoWidth || !Number.isFinite(video.duration)) return []
    for (const time of moments(video.duration, count)) {
      video.currentTime = time
      await happens(video, 'seeked', signal)
      const url = await picture(video)
      if (url) found.push({ time, url })
    }
  } catch {
    // A codec this browser lacks, or the person has left: whatever was found so far is all there is.
  } finally {
    video.removeAttribute('src')
    video.load()
    URL.revokeObjectURL(address)
  }
  return found
}

export function release(frames: readonly Frame[]): void {
  for (const { url } of frames) URL.revokeObjectURL(url)
}

function happens(video: HTMLVideoElement, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Error('stopped'))
    const timer = setTimeout(stop, PATIENCE_MS)
    const done = (): void => {
      clearTimeout(timer)
      resolve()
    }
    video.addEventListener(event, done, { once: true, signal })
    video.addEventListener('error', stop, { once: true, signal })
    signal.addEventListener('abort', stop, { once: true })
  })
}

async function picture(video: HTMLVideoElement): Promise<string | undefined> {
  const canvas = document.createElement('canvas')
  canvas.height = HEIGHT
  canvas.width = Math.max(1, Math.round((HEIGHT * video.videoWidth) / video.videoHeight))
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.8))
  return blob ? URL.createObjectURL(blob) : undefined
}
