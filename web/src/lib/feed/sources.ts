// Where the clips of a player come from: the feed, the people one follows, or a list one is in the middle of.

import { api } from '$lib/api/client'
import type { Clip, FeedItem, FeedPage, Page } from '$lib/api/contract'
import { takeBoot } from '$lib/boot'
import { i18n } from '$lib/i18n/i18n.svelte'
import type { Route } from '$lib/routes'
import { session } from '$lib/session.svelte'
import { watching } from './watching'

export interface Batch {
  items: FeedItem[]
  /** There is nothing after this. */
  last: boolean
  /** Where in `items` to begin; only a first batch says so. */
  startAt?: number
}

export interface Source {
  /** Two routes with the same key show the same list, at the place where it was left. */
  key: string
  kind: 'forYou' | 'following' | 'list'
  /** `held` are clips that are in the list and still to come, so that they are not sent again. */
  next: (held: string[]) => Promise<Batch>
}

const PAGE = 10
/** As many as the server takes. */
const HELD = 200

export function sourceOf(route: Route): Source {
  switch (route.name) {
    case 'following':
      return following()
    case 'hashtag':
      return list(`t/${route.params['tag'] ?? ''}`)
    case 'sound':
      return list(`s/${route.params['sound'] ?? ''}`)
    case 'watch':
      return watch(route.params['id'] ?? '', route.query.get('in'))
    default:
      return forYou()
  }
}

async function askFeed(held: string[], sent: readonly string[]): Promise<FeedPage> {
  // What was watched until now must count for this page, so it is delivered first.
  await watching.flush()
  // Of who does not want to be followed nobody remembers what they have seen; only this list knows what it holds.
  const plain = session.preferences.plain_feed
  const earlier = plain ? sent.filter((id) => !held.includes(id)) : []
  return api.post<FeedPage>('/feed', {
    count: PAGE,
    language: i18n.language,
    held: [...earlier, ...held].slice(-HELD),
    ...(session.signedIn || plain ? {} : { history: watching.history }),
  })
}

function forYou(): Source {
  const sent: string[] = []
  return {
    key: 'forYou',
    kind: 'forYou',
    async next(held) {
      const page = takeBoot('feed') ?? (await askFeed(held, sent))
      sent.push(...page.items.map(({ clip }) => clip.id))
      return { items: page.items, last: page.up_to_date }
    },
  }
}

function following(): Source {
  let cursor: string | null = null
  return {
    key: 'following',
    kind: 'following',
    async next() {
      const page = takeBoot('feed') ?? (await api.get<FeedPage>('/feed/following', { query: { cursor } }))
      cursor = page.next ?? null
      return { items: page.items, last: page.up_to_date || !cursor }
    },
  }
}

/** `@handle`, `t/tag`, `s/sound`, `saved`, `liked` to the part of the API that lists it. */
export function pathOfList(within: string): string {
  const name = encodeURIComponent(within.replace(/^(@|[ts]\/)/, ''))
  if (within.startsWith('@')) return `/accounts/${name}/clips`
  if (within.startsWith('t/')) return `/hashtags/${name}/clips`
  if (within.startsWith('s/')) return `/sounds/${name}/clips`
  return within === 'liked' ? '/me/liked' : '/me/saved'
}

const unexplained = (clip: Clip): FeedItem => ({ clip, why: [] })

function list(within: string): Source {
  let cursor: string | null = null
  return {
    key: within,
    kind: 'list',
    async next() {
      const page: Page<Clip> =
        takeBoot('clips') ?? (await api.get<Page<Clip>>(pathOfList(within), { query: { cursor } }))
      cursor = page.next
      return { items: page.items.map(unexplained), last: !cursor }
    },
  }
}

/** Begins with one clip; goes on, in both directions, with the list it was opened from, else with the feed. */
function watch(id: string, within: string | null): Source {
  const rest = within ? list(within) : forYou()
  let first = true
  return {
    key: `watch:${id}:${within ?? ''}`,
    kind: rest.kind,
    async next(held) {
      if (!first) return rest.next(held)
      first = false
      const boot = takeBoot('clip')
      const clip = boot?.id === id ? boot : await api.get<Clip>(`/clips/${encodeURIComponent(id)}`)
      if (!within) return { items: [unexplained(clip)], last: false }
      const batch = await rest.next([id]).catch((): Batch => ({ items: [], last: true }))
      const at = batch.items.findIndex((item) => item.clip.id === id)
      if (at >= 0) return { ...batch, startAt: at }
      return { items: [unexplained(clip), ...batch.items], last: batch.last, startAt: 0 }
    },
  }
}
