// What the stand-in server answers: enough of the API to work on the client, forgotten when it stops.

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DURATIONS, FOLDER } from './clips.mjs'

const AUTHORS = [
  { handle: 'senedd_demo', name: 'Senedd y Dyffryn', official: true, organisation: true, avatar: null },
  { handle: 'glanmor', name: 'Cyngor Glanmor', official: true, organisation: true, avatar: null },
  { handle: 'mari.w', name: 'Mari Williams', official: false, organisation: false, avatar: null },
  { handle: 'tonfedd', name: 'Tonfedd, your public broadcaster for the whole of the valley', official: true, organisation: true, avatar: null },
]
const CAPTIONS = [
  'How a bill becomes law, in eight seconds. #bills #explained',
  'Every vote this week, explained. What did they decide, and what happens next? A longer caption to see how it folds when there is more to say than two lines can hold. #votes @mari.w',
  'Who speaks for you? Find your member in three steps. #members',
  'The budget in sixty shapes. #budget #charts',
  'Dŵr a’r gwynt: sut mae’r llanw’n gweithio. #llanw',
]
// Three blurred shapes; which of them a clip has does not matter here.
const HASHES = ['FwgKJAQ3WHiAiHeHiHd4eIeIcHh4CQ==', '3OcRJYB4d3h/iIeHeEh3eIhw+j3A', 'HBkSHYSIeHiPiHh8eJd4eTN0EEQG']
const VTT = 'WEBVTT\n\n00:00.300 --> 00:02.500\nThis is how it begins.\n\n00:02.700 --> 00:05.500\nIt goes on, with a second line\nthat is a little longer.\n'

const id = (index) => `demo${String(index).padStart(7, '2')}`

function clipOf(index) {
  const duration = DURATIONS[index]
  const author = AUTHORS[index % AUTHORS.length]
  const rung = (edge, width, height) => ({
    edge,
    width,
    height,
    bytes: statSync(join(FOLDER, `${index}-${edge}.mp4`)).size,
    url: `/media/${index}-${edge}.mp4`,
    mime: 'video/mp4; codecs="avc1.64001f, mp4a.40.2"',
  })
  const poster = `/media/${index}.webp`
  return {
    id: id(index),
    url: `/v/${id(index)}`,
    author,
    caption: CAPTIONS[index % CAPTIONS.length],
    hashtags: ['bills'],
    language: index % 5 === 4 ? 'cy' : 'en',
    duration,
    width: 1080,
    height: 1920,
    thumbhash: HASHES[index % HASHES.length],
    poster: { avif: poster, webp: poster },
    renditions: [rung(360, 360, 640), rung(540, 540, 960)],
    storyboard: { url: `/media/${index}-sb.webp`, columns: 5, rows: 5, count: Math.min(25, duration * 2), width: 90, height: 160, interval: 0.5 },
    tracks: index % 3 === 2 ? [] : [{ language: 'en', label: 'English', url: '/media/en.vtt' }],
    sound: { id: `s${index}`, title: 'Canol y Dydd · Band y Dyffryn' },
    counts: { likes: 12 * index ** 3 + 3, comments: index % 4 === 3 ? 0 : 4, saves: index * 7, shares: index, views: 99 * index },
    allow_comments: true,
    visibility: 'public',
    published_at: new Date(Date.now() - index * 4e6).toISOString(),
    viewer: { liked: false, saved: false, following: false, own: false },
  }
}

export function makeAnswers({ signedIn = false } = {}) {
  const clips = DURATIONS.map((_, index) => clipOf(index))
  const account = { handle: 'mari.w', name: 'Mari Williams', bio: '', avatar: null, official: false, age_band: '18+', organisations: [] }
  const me = () => ({ account: signedIn ? account : null, preferences: {}, unread: signedIn ? 3 : 0 })
  const comment = (number, replies = 0) => ({
    id: `c${number}`,
    author: AUTHORS[number % 4],
    text: ['Clear at last. Diolch! #bills', 'Could you do one on committees, @senedd_demo?', 'The chart at the end helped.'][number % 3],
    created_at: new Date(Date.now() - number * 5e6).toISOString(),
    likes: number * 3,
    viewer: { liked: false, own: number === 2 },
    reply_count: replies,
  })
  let served = 0
  let serial = 100
  const why = [{ code: 'similar_to', params: { clip_caption: 'Votes, explained' } }, { code: 'popular_day' }]

  function feed(count = 10) {
    const from = served
    served += count
    const items = clips.slice(from, served).map((clip) => ({ clip, why }))
    return { items, up_to_date: served >= clips.length }
  }

  function boot(path) {
    served = 0
    if (path === '/') return { me: me(), feed: feed(6) }
    const watched = /^\/v\/(\w+)/.exec(path)
    if (watched) return { me: me(), clip: clips.find((clip) => clip.id === watched[1]) ?? null }
    return { me: me() }
  }

  const routes = [
    ['GET', /^\/me$/, () => me()],
    ['GET', /^\/me\/csrf$/, () => ({})],
    ['POST', /^\/feed$/, (_, body) => feed(body.count)],
    ['GET', /^\/feed\/following$/, () => ({ items: clips.slice(0, 3).map((clip) => ({ clip, why: [] })), up_to_date: true })],
    ['POST', /^\/events$/, (_, body) => ({ accepted: body.events.length })],
    ['GET', /^\/clips\/(\w+)$/, ([, wanted]) => clips.find((clip) => clip.id === wanted)],
    ['GET', /^\/clips\/\w+\/comments$/, () => ({ items: [comment(0, 2), comment(1), comment(2), comment(3)], next: null })],
    ['GET', /^\/comments\/\w+\/replies$/, () => ({ items: [comment(5), comment(6)], next: null })],
    ['POST', /^\/clips\/\w+\/comments$/, (_, body) => ({ comment: { ...comment(2), id: `c${serial++}`, text: body.text, likes: 0, created_at: new Date().toISOString() }, comments: 5 })],
    ['PUT', /^\/clips\/\w+\/(like|save)$/, () => ({})],
    ['GET', /^\/(accounts|hashtags|sounds)\/[^/]+\/clips$/, () => ({ items: clips.slice(2, 8), next: null })],
    ['GET', /^\/me\/(saved|liked|clips)$/, () => ({ items: clips.slice(2, 8), next: null })],
    ['POST', /^\/reports$/, () => ({ receipt: 'R-7F3K2' })],
    ['GET', /^\/search$/, () => ({ accounts: [], clips: clips.slice(0, 6), hashtags: [{ tag: 'bills', clips: 4 }], next: null })],
    ['GET', /^\/explore$/, () => ({ clips, hashtags: [{ tag: 'bills', clips: 4 }] })],
  ]

  /** The answer to one call, or undefined when there is nothing at that address. */
  function answer(method, path, body) {
    for (const [verb, pattern, make] of routes) {
      const found = verb === method ? pattern.exec(path) : null
      if (found) return make(found, body)
    }
    return method === 'GET' ? undefined : {}
  }

  return { answer, boot, captions: VTT }
}
