// Searching while one types. What was searched for stays in this tab and is gone with it.

import { api } from './api/client'
import type { Account, Clip, Explore, SearchResults } from './api/contract'
import { wordsFor } from './problems'
import { dropForVisit, heldForVisit, holdForVisit } from './storage'

export type Kind = 'all' | 'accounts' | 'clips' | 'hashtags'

const PAUSE_MS = 250
const RECENT = 'searches'
const RECENT_MOST = 8

export class Search {
  text = $state('')
  kind = $state<Kind>('all')
  accounts = $state.raw<Account[]>([])
  clips = $state.raw<Clip[]>([])
  hashtags = $state.raw<SearchResults['hashtags']>([])
  next = $state<string | null>(null)
  loading = $state(false)
  problem = $state('')
  /** What the results on the screen are for. */
  answered = $state('')
  recent = $state.raw<string[]>(heldForVisit<string[]>(RECENT) ?? [])
  explore = $state.raw<Explore | undefined>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #stop: AbortController | undefined

  get query(): string {
    return this.text.trim()
  }

  get empty(): boolean {
    return !this.accounts.length && !this.clips.length && !this.hashtags.length
  }

  type(text: string): void {
    this.text = text
    clearTimeout(this.#timer)
    if (!this.query) return this.#clear()
    this.#timer = setTimeout(() => void this.ask(), PAUSE_MS)
  }

  choose(kind: Kind): void {
    this.kind = kind
    this.next = null
    if (this.query) void this.ask()
  }

  async ask(cursor?: string): Promise<void> {
    clearTimeout(this.#timer)
    this.#stop?.abort()
    const stop = (this.#stop = new AbortController())
    const { query, kind } = this
    if (!query) return
    this.loading = true
    this.problem = ''
    try {
      const found = await api.get<SearchResults>('/search', { query: { q: query, kind, cursor }, signal: stop.signal })
      if (stop.signal.aborted) return
      this.accounts = cursor ? [...this.accounts, ...found.accounts] : found.accounts
      this.clips = cursor ? [...this.clips, ...found.clips] : found.clips
      this.hashtags = cursor ? [...this.hashtags, ...found.hashtags] : found.hashtags
      this.next = found.next
      this.answered = query
    } catch (error) {
      if (!stop.signal.aborted) this.problem = wordsFor(error)
    } finally {
      if (this.#stop === stop) this.loading = false
    }
  }

  async more(): Promise<void> {
    if (this.next && !this.loading) await this.ask(this.next)
  }

  /** Kept when somebody has gone on from a search, and not for each letter that was typed. */
  keep(): void {
    const query = this.query
    if (!query) return
    this.recent = [query, ...this.recent.filter((one) => one !== query)].slice(0, RECENT_MOST)
    holdForVisit(RECENT, this.recent)
  }

  forgetRecent(): void {
    this.recent = []
    dropForVisit(RECENT)
  }

  async lookAround(): Promise<void> {
    if (this.explore) return
    try {
      this.explore = await api.get<Explore>('/explore')
    } catch (error) {
      this.problem = wordsFor(error)
    }
  }

  #clear(): void {
    this.#stop?.abort()
    this.accounts = []
    this.clips = []
    this.hashtags = []
    this.next = null
    this.answered = this.problem = ''
    this.loading = false
  }
}
