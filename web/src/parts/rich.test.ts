import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { pieces } from './rich'

interface Golden {
  hashtags: [string, string[]][]
  mentions: [string, string[]][]
}

const golden = JSON.parse(readFileSync('../tests/golden/text.json', 'utf8')) as Golden

const linked = (text: string, prefix: string): string[] => {
  const names = pieces(text).flatMap(({ href }) => (href?.startsWith(prefix) ? [decodeURIComponent(href.slice(prefix.length))] : []))
  return [...new Set(names)]
}

it.each(golden.hashtags)('finds the tags of “%s”', (text, tags) => {
  expect(linked(text, '/t/')).toEqual(tags)
})

it.each(golden.mentions)('finds the names of “%s”', (text, names) => {
  expect(linked(text, '/@')).toEqual(names)
})

it('leaves the text as it was', () => {
  const text = 'Pleidlais #Cymru_2026 gan @senedd_demo, me@example.org & &#39; #1'
  expect(pieces(text).map((piece) => piece.text).join('')).toBe(text)
})
