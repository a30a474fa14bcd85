// One's own clips in every state. Those that are still being prepared are looked at again until they are not.

import { api } from './api/client'
import type { ClipStatus, OwnClip, Page } from './api/contract'
import { Pages } from './pages.svelte'

export type Shelf = 'all' | 'drafts' | 'scheduled' | 'published' | 'refused'

const LOOK_EVERY_MS = 3_000
const MOVING = ['received', 'processing', 'playable']

export class OwnClips {
  shelf = $state<Shelf>('all')
  readonly list: Pages<OwnClip>

  constructor(account: string | undefined) {
    this.list = new Pages<OwnClip>((cursor) =>
      api.get<Page<OwnClip>>('/me/clips', { query: { cursor, account, limit: 50 } }),
    )
  }

  get shown(): OwnClip[] {
    return this.list.items.filter((clip) => this.#belongs(clip))
  }

  #belongs(clip: OwnClip): boolean {
    if (this.shelf === 'all') return true
    if (this.shelf === 'refused') return clip.state === 'refused'
    if (clip.state === 'refused') return false
    return this.shelf === (clip.release === 'draft' ? 'drafts' : clip.release)
  }

  remove(id: string): void {
    this.list.change((clips) => clips.filter((clip) => clip.id !== id))
  }

  /** Looks now and then at what is moving; answers the way to stop. */
  follow(): () => void {
    const timer = setInterval(() => void this.#look(), LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }

  async #look(): Promise<void> {
    const moving = this.list.items.filter((clip) => MOVING.includes(clip.state))
    for (const clip of moving) {
      // A look that fails tells nothing new; the next one may.
      const status = await api.get<ClipStatus>(`/clips/${clip.id}/status`).catch(() => undefined)
      if (!status) continue
      // A new state brings a poster and more; only then the whole clip is worth asking for.
      const fresh = status.state === clip.state ? status : await api.get<OwnClip>(`/clips/${clip.id}`).catch(() => status)
      this.list.change((clips) => clips.map((one) => (one.id === clip.id ? { ...one, ...fresh } : one)))
    }
  }
}
