// One tap, two taps and a long press on one surface, told apart without a library.

interface Taps {
  once: () => void
  /** Where the second tap was, in pixels of the surface. */
  twice: (x: number, y: number) => void
  long: () => void
}

// A single tap has to wait this long to be sure that it stays single.
const DOUBLE_MS = 230
const LONG_MS = 500
const STEADY_PX = 12

export function tapping(taps: Taps): (element: HTMLElement) => () => void {
  return (element) => {
    let pending: ReturnType<typeof setTimeout> | undefined
    let pressing: ReturnType<typeof setTimeout> | undefined
    let pressed: { x: number; y: number } | undefined
    let wasLong = false

    const onDown = (event: PointerEvent): void => {
      wasLong = false
      if (event.pointerType === 'mouse') return
      pressed = { x: event.clientX, y: event.clientY }
      pressing = setTimeout(() => {
        wasLong = true
        taps.long()
      }, LONG_MS)
    }
    const onMove = (event: PointerEvent): void => {
      if (pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > STEADY_PX) onUp()
    }
    const onUp = (): void => {
      clearTimeout(pressing)
      pressed = undefined
    }
    const onClick = (event: MouseEvent): void => {
      if (wasLong) return
      // Made by Enter, Space or assistive technology: there is no second one to wait for.
      if (event.detail === 0) return taps.once()
      if (pending === undefined) {
        pending = setTimeout(() => {
          pending = undefined
          taps.once()
        }, DOUBLE_MS)
        return
      }
      clearTimeout(pending)
      pending = undefined
      const box = element.getBoundingClientRect()
      taps.twice(event.clientX - box.left, event.clientY - box.top)
    }
    const onMenu = (event: Event): void => {
      // A long press on a phone would open the browser's own menu on top of ours.
      if (wasLong || pressed) event.preventDefault()
    }

    const events = new AbortController()
    const { signal } = events
    element.addEventListener('pointerdown', onDown, { signal })
    element.addEventListener('pointermove', onMove, { signal })
    for (const type of ['pointerup', 'pointercancel', 'pointerleave']) element.addEventListener(type, onUp, { signal })
    element.addEventListener('click', onClick, { signal })
    element.addEventListener('contextmenu', onMenu, { signal })
    return () => {
      events.abort()
      clearTimeout(pending)
      clearTimeout(pressing)
    }
  }
}
