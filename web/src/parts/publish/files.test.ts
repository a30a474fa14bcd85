import { expect, it } from 'vitest'
import { fileFault, sizeOf } from './files'

const file = (name: string, type: string, size = 10): File => {
  const made = new File(['x'], name, { type })
  Object.defineProperty(made, 'size', { value: size })
  return made
}

it.each([
  ['clip.mp4', 'video/mp4', 10, undefined],
  ['from-a-camera.mts', '', 10, undefined],
  ['edit.mkv', 'application/octet-stream', 10, undefined],
  ['moving.gif', 'image/gif', 10, undefined],
  ['letter.txt', 'text/plain', 10, 'file.notVideo'],
  ['photo.jpg', 'image/jpeg', 10, 'file.notVideo'],
  ['empty.mp4', 'video/mp4', 0, 'file.empty'],
  ['long.mp4', 'video/mp4', 2_000_000_000, 'file.large'],
])('%s of type “%s” and %i bytes', (name, type, size, fault) => {
  expect(fileFault(file(name, type, size), 1_000_000_000)?.key).toBe(fault)
})

it('says nothing about size while the limit is unknown', () => {
  expect(fileFault(file('long.mp4', 'video/mp4', 2_000_000_000), undefined)).toBeUndefined()
})

it('writes sizes for people', () => {
  expect(sizeOf(1_234_567, 'en')).toBe('1.2 MB')
  expect(sizeOf(999, 'en')).toBe('999 byte')
})
