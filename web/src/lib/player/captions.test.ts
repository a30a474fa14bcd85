import { expect, it } from 'vitest'
import { chooseTrack, cueAt, parseVTT } from './captions'

const FILE = `WEBVTT - a title

NOTE a note

1
00:01.000 --> 00:02.500 line:90%
<v Ann>Fish &amp; chips</v>
second line

01:00:00.000 --> 01:00:01.000
late
`

it('reads cues with and without hours, names, settings and tags', () => {
  expect(parseVTT(FILE)).toEqual([
    { start: 1, end: 2.5, text: 'Fish & chips\nsecond line' },
    { start: 3600, end: 3601, text: 'late' },
  ])
})

it('is empty for what is no WebVTT', () => {
  expect(parseVTT('<html>not found</html>')).toEqual([])
})

it('shows a cue from its start until just before its end', () => {
  const cues = parseVTT(FILE.replaceAll('\n', '\r\n'))
  expect([0.9, 1, 2.49, 2.5].map((time) => cueAt(cues, time) !== '')).toEqual([false, true, true, false])
})

it('prefers the language of the viewer', () => {
  const tracks = [{ language: 'en', label: 'English', url: '/en' }, { language: 'cy', label: 'Cymraeg', url: '/cy' }]
  expect(chooseTrack(tracks, 'cy', 'en')?.url).toBe('/cy')
  expect(chooseTrack(tracks, 'fr', 'en-GB')?.url).toBe('/en')
  expect(chooseTrack([], 'cy')).toBeUndefined()
})
