import { expect, it } from 'vitest'
import { handleFault, landing } from './handles'

it.each([
  ['senedd_watch', undefined],
  ['@Senedd.Watch', undefined],
  ['ab', 'handle.length'],
  ['a'.repeat(31), 'handle.length'],
  ['tŷ_bach', 'handle.letters'],
  ['two words', 'handle.letters'],
  ['.dot', 'handle.dots'],
  ['a..b', 'handle.dots'],
  ['2024', 'handle.noLetter'],
])('%s breaks %s', (handle, fault) => {
  expect(handleFault(handle)).toBe(fault)
})

it.each([
  ['/v/7sXk2mPq9Zt?in=saved', '/v/7sXk2mPq9Zt?in=saved'],
  ['//elsewhere.example', '/'],
  ['/\\elsewhere.example', '/'],
  ['https://elsewhere.example', '/'],
  ['/signup?next=/', '/'],
  [null, '/'],
])('after signing in %s leads to %s', (next, place) => {
  expect(landing(next)).toBe(place)
})
