import { expect, it } from 'vitest'
import { WheelGesture } from './wheel'

const steps = (events: [number, number][]): number => {
  const gesture = new WheelGesture()
  return events.reduce((sum, [delta, at]) => sum + gesture.step(delta, 0, 1000 + at), 0)
}

it('takes one flick of a trackpad with its tail for one clip', () => {
  const flick: [number, number][] = Array.from({ length: 60 }, (_, index) => [60.5 * 0.95 ** index, index * 16])
  expect(steps(flick)).toBe(1)
})

it('takes a second push during the tail for a second clip', () => {
  const first: [number, number][] = Array.from({ length: 30 }, (_, index) => [60.5 * 0.9 ** index, index * 16])
  const second: [number, number][] = Array.from({ length: 30 }, (_, index) => [60.5 * 0.9 ** index, 480 + index * 16])
  expect(steps([...first, ...second])).toBe(2)
})

it('takes each notch of a wheel for one clip', () => {
  expect(steps([[120, 0], [120, 300], [120, 600], [-120, 900]])).toBe(2)
})

it('does not move for a resting hand', () => {
  expect(steps([[1, 0], [2, 300], [-1, 600]])).toBe(0)
})
