import { expect, it } from 'vitest'
import { pieces } from './rich'

it('links tags and names, in any script, and leaves the rest as it was', () => {
  expect(pieces('Pleidlais #Cymru_2026 gan @senedd_demo, me@example.org & &#39;')).toEqual([
    { text: 'Pleidlais ' },
    { text: '#Cymru_2026', href: '/t/cymru_2026' },
    { text: ' gan ' },
    { text: '@senedd_demo', href: '/@senedd_demo' },
    { text: ', me@example.org & &#39;' },
  ])
  expect(pieces('#tŷ')).toEqual([{ text: '#tŷ', href: '/t/t%C5%B7' }])
  expect(pieces('')).toEqual([])
})
