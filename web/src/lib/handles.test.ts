import { expect, it } from 'vitest'
import { handleFault, landing, looksLikeAddress } from './handles'

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
  ['/\t/elsewhere.example', '/'],
  ['/\n/elsewhere.example', '/'],
  ['/\r\n/elsewhere.example', '/'],
  ['\t//elsewhere.example', '/'],
  ['/\u0000/elsewhere.example', '/'],
  ['/\u0085/elsewhere.example', '/'],
  ['/\t\\elsewhere.example', '/'],
  ['/search?q=a\\b', '/'],
  ['javascript:alert(1)', '/'],
  ['', '/'],
  ['/search?q=two words', '/search?q=two words'],
  ['/t/ll\u0177n', '/t/ll\u0177n'],
  ['/@cwm.council', '/@cwm.council'],
  ['/signup?next=/', '/'],
  ['/reset-password/3-abc', '/'],
  [null, '/'],
])('after signing in %s leads to %s', (next, place) => {
  expect(landing(next)).toBe(place)
})

it.each([
  [' mair@example.org ', true],
  ['mair@example', false],
  ['mair', false],
  ['a b@example.org', false],
  ['', false],
])('“%s” looks like an address: %s', (text, does) => {
  expect(looksLikeAddress(text)).toBe(does)
})
