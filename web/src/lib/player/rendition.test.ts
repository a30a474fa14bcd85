import { expect, it } from 'vitest'
import { chooseRendition, type Viewing } from './rendition'

const rung = (edge: number, bytes: number) => ({ edge, width: edge, height: (edge * 16) / 9, bytes, url: `/${edge}`, mime: 'video/mp4' })
const clip = { duration: 10, width: 1080, height: 1920, renditions: [rung(360, 4e5), rung(540, 9e5), rung(720, 15e5), rung(1080, 4e6)] }
const phone: Viewing = { width: 390, height: 788, density: 3, bitsPerSecond: 2e7, saveData: false }

const edge = (changes: Partial<Viewing>) => chooseRendition(clip, { ...phone, ...changes })?.edge

it('fits the stage, with the density capped', () => {
  expect(edge({})).toBe(720)
  expect(edge({ density: 1 })).toBe(360)
  expect(edge({ width: 500, height: 900, density: 1 })).toBe(540)
})

it('takes no more than its share of the line', () => {
  expect(edge({ bitsPerSecond: 1.3e6 })).toBe(540)
  expect(edge({ bitsPerSecond: 1e5 })).toBe(360)
})

it('takes the lowest to save data', () => {
  expect(edge({ saveData: true })).toBe(360)
})

it('has nothing to choose before there is a rendition', () => {
  expect(chooseRendition({ ...clip, renditions: [] }, phone)).toBeUndefined()
})
