// One clip in a list, with the acts a viewer can do on it. Each shows at once and is taken back when the server refuses.

import { api } from '$lib/api/client'
import type { Clip, Why } from '$lib/api/contract'
import { session } from '$lib/session.svelte'
import { watching } from './watching'

export class Shown {
  clip = $state.raw<Clip>(undefined as never)

  constructor(
    clip: Clip,
    readonly why: Why[],
  ) {
    this.clip = clip
  }

  get id(): string {
    return this.clip.id
  }

  /** Does and undoes a like, with the counts the server answers. */
  async like(liked = !this.clip.viewer.liked): Promise<void> {
    if (liked === this.clip.viewer.liked) return
    if (liked) watching.acted(this.id, 'like')
    await this.#mark('like', 'liked', 'likes', liked)
  }

  async save(saved = !this.clip.viewer.saved): Promise<void> {
    if (saved) watching.acted(this.id, 'save')
    await this.#mark('save', 'saved', 'saves', saved)
  }

  async #mark(act: 'like' | 'save', flag: 'liked' | 'saved', count: 'likes' | 'saves', on: boolean): Promise<void> {
    const before = this.clip
    this.#change({ [flag]: on }, { [count]: Math.max(0, before.counts[count] + (on ? 1 : -1)) })
    const path = `/clips/${this.id}/${act}`
    try {
      const answer = await session.write(() => (on ? api.put<Marked>(path) : api.del<Marked>(path)))
      const told = answer?.[count]
      if (typeof told === 'number') this.#change({}, { [count]: told })
    } catch (error) {
      this.#change({ [flag]: before.viewer[flag] }, { [count]: before.counts[count] })
      throw error
    }
  }

  /** Counts a share, as an event; the link itself is the caller's business. */
  shared(): void {
    watching.acted(this.id, 'share')
    watching.tell({ clip: this.id, kind: 'share' })
    this.#change({}, { shares: this.clip.counts.shares + 1 })
  }

  commented(by: number): void {
    if (by > 0) watching.acted(this.id, 'comment')
    this.#change({}, { comments: Math.max(0, this.clip.counts.comments + by) })
  }

  setFollowing(following: boolean): void {
    this.#change({ following }, {})
  }

  #change(viewer: Partial<Clip['viewer']>, counts: Partial<Clip['counts']>): void {
    this.clip = {
      ...this.clip,
      viewer: { ...this.clip.viewer, ...viewer },
      counts: { ...this.clip.counts, ...counts },
    }
  }
}

type Marked = Partial<Record<'likes' | 'saves', number>> | undefined
