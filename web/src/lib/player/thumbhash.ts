// A ThumbHash is about 25 bytes that decode to a blurred picture: the shape of a clip before any of it has arrived.
// Written after the description and reference at https://github.com/evanw/thumbhash (MIT).

export interface Picture {
  width: number
  height: number
  rgba: Uint8ClampedArray<ArrayBuffer>
}

const SIZE = 32

export function decodeThumbHash(base64: string): Picture {
  const hash = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
  const byte = (at: number): number => hash[at] ?? 0
  const head = byte(0) | (byte(1) << 8) | (byte(2) << 16)
  const more = byte(3) | (byte(4) << 8)
  const meanL = (head & 63) / 63
  const meanP = ((head >> 6) & 63) / 31.5 - 1
  const meanQ = ((head >> 12) & 63) / 31.5 - 1
  const hasAlpha = head >> 23 !== 0
  const landscape = more >> 15 !== 0
  const long = hasAlpha ? 5 : 7
  const across = Math.max(3, landscape ? long : more & 7)
  const down = Math.max(3, landscape ? more & 7 : long)

  let nibble = 0
  const start = hasAlpha ? 6 : 5
  const channel = (nx: number, ny: number, scale: number): number[] => {
    const found: number[] = []
    for (let y = 0; y < ny; y += 1) {
      for (let x = y ? 0 : 1; x * ny < nx * (ny - y); x += 1) {
        const value = (byte(start + (nibble >> 1)) >> ((nibble & 1) << 2)) & 15
        nibble += 1
        found.push((value / 7.5 - 1) * scale)
      }
    }
    return found
  }
  const l = channel(across, down, ((head >> 18) & 31) / 31)
  const p = channel(3, 3, (((more >> 3) & 63) / 63) * 1.25)
  const q = channel(3, 3, (((more >> 9) & 63) / 63) * 1.25)

  const ratio = across / down
  const width = Math.round(ratio > 1 ? SIZE : SIZE * ratio)
  const height = Math.round(ratio > 1 ? SIZE / ratio : SIZE)
  const rgba = new Uint8ClampedArray(width * height * 4)
  for (let y = 0, at = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1, at += 4) {
      const fx = waves(x, width, Math.max(across, 3))
      const fy = waves(y, height, Math.max(down, 3))
      const light = meanL + sum(l, fx, fy, across, down)
      const yellow = meanP + sum(p, fx, fy, 3, 3)
      const red = meanQ + sum(q, fx, fy, 3, 3)
      const b = light - (2 / 3) * yellow
      const r = (3 * light - b + red) / 2
      rgba.set([r * 255, (r - red) * 255, b * 255, 255], at)
    }
  }
  return { width, height, rgba }
}

const waves = (at: number, size: number, count: number): number[] =>
  Array.from({ length: count }, (_, order) => Math.cos((Math.PI / size) * (at + 0.5) * order))

function sum(values: number[], fx: number[], fy: number[], nx: number, ny: number): number {
  let total = 0
  let at = 0
  for (let y = 0; y < ny; y += 1) {
    for (let x = y ? 0 : 1; x * ny < nx * (ny - y); x += 1) {
      total += (values[at] ?? 0) * (fx[x] ?? 0) * (fy[y] ?? 0) * 2
      at += 1
    }
  }
  return total
}

/** Paints the placeholder; a canvas and not a data: address, so that the strictest policy allows it. */
export function paintThumbHash(canvas: HTMLCanvasElement, base64: string): void {
  const { width, height, rgba } = decodeThumbHash(base64)
  canvas.width = width
  canvas.height = height
  canvas.getContext('2d')?.putImageData(new ImageData(rgba, width, height), 0, 0)
}
