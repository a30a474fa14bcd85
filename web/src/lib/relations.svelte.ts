// What a person does to another account: shown at once, taken back when the server refuses.

import { api } from './api/client'
import type { Account, Author } from './api/contract'
import { session } from './session.svelte'

export type Relation = 'following' | 'blocked' | 'muted'

const PATHS: Record<Relation, string> = { following: 'follow', blocked: 'block', muted: 'mute' }

export class Relations {
  account = $state.raw<Account>() as Account

  constructor(account: Account) {
    this.account = account
  }

  async set(relation: Relation, on: boolean): Promise<void> {
    const before = this.account
    const step = relation === 'following' ? (on ? 1 : -1) : 0
    this.account = {
      ...before,
      counts: { ...before.counts, followers: Math.max(0, before.counts.followers + step) },
      viewer: {
        ...before.viewer,
        [relation]: on,
        // Blocking ends following on both sides; the server does the same.
        ...(relation === 'blocked' && on ? { following: false } : {}),
      },
    }
    const path = `/accounts/${before.handle}/${PATHS[relation]}`
    try {
      const answer = await session.write(() => (on ? api.put<{ followers?: number }>(path) : api.del<{ followers?: number }>(path)))
      if (answer.followers !== undefined) {
        this.account = { ...this.account, counts: { ...this.account.counts, followers: answer.followers } }
      }
    } catch (error) {
      this.account = before
      throw error
    }
  }
}

/** Follows or lets go of somebody in a list. */
export async function follow(person: Author, on: boolean): Promise<void> {
  const path = `/accounts/${person.handle}/follow`
  await session.write(() => (on ? api.put(path) : api.del(path)))
}
