// The comments of one clip, with one level of replies.

import { api } from '$lib/api/client'
import type { Comment, Page } from '$lib/api/contract'
import { session } from '$lib/session.svelte'
import type { Shown } from './shown.svelte'

// Replies come in one go; a comment with more than these is rare enough to show the first of them.
const REPLIES = 50

export class Thread {
  comments = $state<Comment[]>([])
  loading = $state(false)
  more = $state(true)
  error = $state.raw<unknown>()
  replyTo = $state.raw<Comment | undefined>()
  #cursor: string | null = null

  constructor(readonly shown: Shown) {}

  async load(): Promise<void> {
    if (this.loading || !this.more) return
    this.loading = true
    this.error = undefined
    try {
      const path = `/clips/${this.shown.id}/comments`
      const page = await api.get<Page<Comment>>(path, { query: { cursor: this.#cursor } })
      this.comments.push(...page.items)
      this.#cursor = page.next
      this.more = page.next !== null
    } catch (error) {
      this.error = error
    } finally {
      this.loading = false
    }
  }

  async loadReplies(comment: Comment): Promise<void> {
    const page = await api.get<Page<Comment>>(`/comments/${comment.id}/replies`, { query: { limit: REPLIES } })
    comment.replies = page.items
  }

  /** The comment that was made, at its place in the list. */
  async write(text: string): Promise<Comment> {
    const parent = this.replyTo
    const body = { text, ...(parent ? { reply_to: parent.id } : {}) }
    const path = `/clips/${this.shown.id}/comments`
    const { comment: made } = await session.write(() => api.post<{ comment: Comment }>(path, body))
    if (parent) {
      parent.replies = [...(parent.replies ?? []), made]
      parent.reply_count += 1
    } else this.comments.unshift(made)
    this.replyTo = undefined
    this.shown.commented(1)
    return made
  }

  async remove(comment: Comment, parent?: Comment): Promise<void> {
    await session.write(() => api.del(`/comments/${comment.id}`))
    if (parent) {
      parent.replies = parent.replies?.filter((one) => one.id !== comment.id)
      parent.reply_count -= 1
      this.shown.commented(-1)
    } else {
      this.comments = this.comments.filter((one) => one.id !== comment.id)
      this.shown.commented(-1 - comment.reply_count)
    }
  }

  async like(comment: Comment): Promise<void> {
    const liked = !comment.viewer.liked
    const before = comment.likes
    comment.viewer.liked = liked
    comment.likes = Math.max(0, before + (liked ? 1 : -1))
    const path = `/comments/${comment.id}/like`
    try {
      const answer = await session.write(() => (liked ? api.put<{ likes?: number }>(path) : api.del<{ likes?: number }>(path)))
      if (typeof answer?.likes === 'number') comment.likes = answer.likes
    } catch (error) {
      comment.viewer.liked = !liked
      comment.likes = before
      throw error
    }
  }
}
