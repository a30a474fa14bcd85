// The details of one clip while somebody fills them in: on the way to being published, or changed later.

import { api, APIError } from './api/client'
import type { ClipStatus, OwnClip, Track, Visibility } from './api/contract'
import { i18n, t } from './i18n/i18n.svelte'
import { wordsFor } from './problems'
import { session } from './session.svelte'

export const CAPTION_MAX = 500
const SAVE_AFTER_MS = 900
const SAVE_AGAIN_MS = 3_000
const LOOK_AGAIN_MS = [800, 1_000, 1_500, 2_000, 3_000, 5_000]
const SETTLED = ['ready', 'refused']

export interface Details {
  caption: string
  language: string
  visibility: Visibility
  allow_comments: boolean
  /** Seconds; undefined until somebody chooses: the server then takes the first good frame. */
  cover_time?: number
}

type Saving = 'none' | 'waiting' | 'saving' | 'saved' | 'failed'

export class Draft {
  details = $state<Details>({
    caption: '',
    language: i18n.language,
    visibility: 'public',
    allow_comments: true,
  })
  clip = $state.raw<OwnClip | undefined>()
  status = $state.raw<ClipStatus | undefined>()
  tracks = $state.raw<Track[]>([])
  saving = $state<Saving>('none')
  problem = $state('')
  faults = $state.raw<Record<string, string>>({})
  id = $state<string | undefined>()
  /** Drafts keep themselves; what others can already see is changed only when its owner says so. */
  savesItself = true
  #dirty = $state.raw(new Set<keyof Details>())
  #timer: ReturnType<typeof setTimeout> | undefined
  #looking: ReturnType<typeof setTimeout> | undefined
  #looks = 0

  get dirty(): boolean {
    return this.#dirty.size > 0
  }

  get settled(): boolean {
    return this.status !== undefined && SETTLED.includes(this.status.state)
  }

  /** Takes over a clip that is on the server. */
  take(clip: OwnClip): void {
    this.id = clip.id
    this.clip = clip
    this.status = clip
    this.tracks = clip.tracks
    this.savesItself = clip.release !== 'published'
    this.details = {
      caption: clip.caption,
      language: clip.language,
      visibility: clip.visibility,
      allow_comments: clip.allow_comments,
    }
    this.#dirty = new Set()
  }

  async load(id: string): Promise<void> {
    this.take(await api.get<OwnClip>(`/clips/${id}`))
  }

  /** The row exists from now on: what was typed meanwhile goes there. */
  appear(id: string): void {
    this.id = id
    if (this.dirty) this.#saveSoon()
  }

  set<Name extends keyof Details>(name: Name, value: Details[Name]): void {
    this.details[name] = value
    this.#dirty = new Set([...this.#dirty, name])
    if (this.savesItself) this.#saveSoon()
    else this.saving = 'waiting'
  }

  #saveSoon(): void {
    this.saving = 'waiting'
    clearTimeout(this.#timer)
    if (this.id) this.#timer = setTimeout(() => void this.save(), SAVE_AFTER_MS)
  }

  /** True when the server has everything that was typed. */
  async save(): Promise<boolean> {
    clearTimeout(this.#timer)
    const names = this.#dirty
    if (!this.id || !names.size) return Boolean(this.id)
    const changes = Object.fromEntries([...names].map((name) => [name, this.details[name]]))
    this.#dirty = new Set()
    this.saving = 'saving'
    try {
      await session.write(() => api.patch(`/clips/${this.id}`, changes))
      this.saving = this.dirty ? 'waiting' : 'saved'
      this.problem = ''
      this.faults = {}
      return true
    } catch (error) {
      this.#dirty = new Set([...this.#dirty, ...names])
      this.saving = 'failed'
      this.problem = wordsFor(error)
      this.faults = error instanceof APIError ? error.fields : {}
      // A connection that comes back must not find the words forgotten.
      if (this.savesItself && error instanceof APIError && error.transient) {
        this.#timer = setTimeout(() => void this.save(), SAVE_AGAIN_MS)
      }
      return false
    }
  }

  /** Lets it out: now, or at a moment (ISO). Throws what the server refuses. */
  async publish(at?: string): Promise<void> {
    if (!(await this.save())) throw new APIError('not_saved', this.problem || t('error.unknown'), 0)
    await session.write(() => api.post(`/clips/${this.id}/publish`, at ? { at } : {}))
    this.savesItself = false
    await this.look()
  }

  async unpublish(): Promise<void> {
    await session.write(() => api.post(`/clips/${this.id}/unpublish`))
    this.savesItself = true
    await this.look()
  }

  async addTrack(language: string, text: string): Promise<void> {
    const answer = await session.write(() =>
      api.put<{ tracks: Track[] }>(`/clips/${this.id}/tracks/${language}`, text, {
        headers: { 'Content-Type': 'text/vtt' },
      }),
    )
    this.tracks = answer.tracks
  }

  async removeTrack(language: string): Promise<void> {
    const answer = await session.write(() => api.del<{ tracks: Track[] }>(`/clips/${this.id}/tracks/${language}`))
    this.tracks = answer.tracks
  }

  /** What the server alone knows, without touching what is being typed. */
  async refresh(): Promise<void> {
    if (!this.id) return
    const clip = await api.get<OwnClip>(`/clips/${this.id}`)
    this.clip = clip
    this.status = clip
    this.tracks = clip.tracks
  }

  /** One look at how far the server is. */
  async look(): Promise<void> {
    if (!this.id) return
    const before = this.status?.state
    this.status = await api.get<ClipStatus>(`/clips/${this.id}/status`)
    const now = this.status.state
    if (before !== now && (now === 'playable' || now === 'ready')) await this.refresh()
  }

  /** Keeps looking until there is nothing left to happen; answers the way to stop. */
  follow(): () => void {
    const again = (): void => {
      const wait = LOOK_AGAIN_MS[Math.min(this.#looks++, LOOK_AGAIN_MS.length - 1)]
      this.#looking = setTimeout(() => {
        // A look that fails tells nothing new; the next one may.
        void this.look().catch(() => undefined).then(() => !this.settled && again())
      }, wait)
    }
    this.#looks = 0
    again()
    return () => clearTimeout(this.#looking)
  }
}
