// Every address of the client, and the file that draws it. The server answers each of them with the same shell.

import type { Component } from 'svelte'
import type { Key } from './i18n/i18n.svelte'

export interface Route {
  name: RouteName
  params: Record<string, string>
  query: URLSearchParams
  path: string
}

type View = () => Promise<{ default: Component<never> }>

interface Definition {
  /** `:name` takes one segment; `*name` the rest, which may be empty. */
  pattern: string
  view: View
  title: Key
  /** A player route is dark, full height, and needs only the small catalogue. */
  player?: true
}

const player: View = () => import('$views/Player.svelte')

export const ROUTES = {
  home: { pattern: '/', view: player, title: 'nav.forYou', player: true },
  following: { pattern: '/following', view: player, title: 'nav.following', player: true },
  watch: { pattern: '/v/:id', view: player, title: 'nav.watch', player: true },
  hashtag: { pattern: '/t/:tag', view: player, title: 'nav.hashtag', player: true },
  sound: { pattern: '/s/:sound', view: player, title: 'nav.sound', player: true },
  profile: { pattern: '/@:handle', view: () => import('$views/Profile.svelte'), title: 'nav.profile' },
  search: { pattern: '/search', view: () => import('$views/Search.svelte'), title: 'nav.search' },
  upload: { pattern: '/upload', view: () => import('$views/Upload.svelte'), title: 'nav.upload' },
  clips: { pattern: '/upload/clips', view: () => import('$views/Clips.svelte'), title: 'nav.clips' },
  clip: { pattern: '/upload/clips/:id', view: () => import('$views/EditClip.svelte'), title: 'nav.clips' },
  inbox: { pattern: '/inbox', view: () => import('$views/Inbox.svelte'), title: 'nav.inbox' },
  saved: { pattern: '/saved', view: () => import('$views/Saved.svelte'), title: 'nav.saved' },
  liked: { pattern: '/liked', view: () => import('$views/Saved.svelte'), title: 'nav.liked' },
  settings: { pattern: '/settings/*section', view: () => import('$views/Settings.svelte'), title: 'nav.settings' },
  signin: { pattern: '/signin', view: () => import('$views/SignIn.svelte'), title: 'nav.signIn' },
  signup: { pattern: '/signup', view: () => import('$views/SignUp.svelte'), title: 'nav.signUp' },
  providerSignup: { pattern: '/signup/provider', view: () => import('$views/ProviderSignUp.svelte'), title: 'nav.signUp' },
  forgot: { pattern: '/reset-password', view: () => import('$views/ForgotPassword.svelte'), title: 'forgot.title' },
  reset: { pattern: '/reset-password/:key', view: () => import('$views/ResetPassword.svelte'), title: 'newPassword.title' },
  verify: { pattern: '/verify-email/:key', view: () => import('$views/VerifyEmail.svelte'), title: 'verify.title' },
  confirm: { pattern: '/confirm', view: () => import('$views/Confirm.svelte'), title: 'prove.title' },
  offline: { pattern: '/offline', view: () => import('$views/Offline.svelte'), title: 'nav.offline', player: true },
  missing: { pattern: '/404', view: () => import('$views/NotFound.svelte'), title: 'nav.missing', player: true },
} satisfies Record<string, Definition>

export type RouteName = keyof typeof ROUTES

export const definitionOf = (name: RouteName): Definition => ROUTES[name]

/** Which route an address belongs to; `missing` when none does. */
export function match(address: URL): Route {
  const path = address.pathname.length > 1 ? address.pathname.replace(/\/+$/, '') : address.pathname
  for (const [name, { pattern }] of Object.entries(ROUTES)) {
    const params = matchPattern(pattern, path)
    if (params) return { name: name as RouteName, params, query: address.searchParams, path }
  }
  return { name: 'missing', params: {}, query: address.searchParams, path }
}

function matchPattern(pattern: string, path: string): Record<string, string> | undefined {
  const source = pattern
    .replace(/\/\*(\w+)$/, '(?:/(?<$1>.*))?')
    .replace(/:(\w+)/g, '(?<$1>[^/]+)')
  const found = new RegExp(`^${source}$`).exec(path)
  if (!found) return undefined
  const pairs = Object.entries(found.groups ?? {})
  return Object.fromEntries(pairs.map(([name, value]) => [name, value ? decoded(value) : '']))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Addresses are built here and nowhere else. */
export const to = {
  home: () => '/',
  following: () => '/following',
  /** `within` says which list one is in the middle of: `@handle`, `t/tag`, `s/sound`, `saved` or `liked`. */
  watch: (id: string, within?: string) => `/v/${id}${within ? `?in=${encodeURIComponent(within)}` : ''}`,
  hashtag: (tag: string) => `/t/${encodeURIComponent(tag)}`,
  sound: (id: string) => `/s/${encodeURIComponent(id)}`,
  profile: (handle: string) => `/@${handle}`,
  search: (query = '') => (query ? `/search?q=${encodeURIComponent(query)}` : '/search'),
  upload: () => '/upload',
  clips: () => '/upload/clips',
  clip: (id: string) => `/upload/clips/${id}`,
  inbox: () => '/inbox',
  saved: () => '/saved',
  liked: () => '/liked',
  settings: (section = '') => (section ? `/settings/${section}` : '/settings'),
  /** `next` is where to go afterwards; only paths of this site are honoured. */
  signin: (next?: string) => `/signin${next && next !== '/' ? `?next=${encodeURIComponent(next)}` : ''}`,
  signup: (next?: string) => `/signup${next && next !== '/' ? `?next=${encodeURIComponent(next)}` : ''}`,
  /** Where a provider sends people back to, whether they are new here or not. */
  providerSignup: (next?: string) => `/signup/provider${next && next !== '/' ? `?next=${encodeURIComponent(next)}` : ''}`,
  forgot: () => '/reset-password',
} as const
