// A list that comes in pages: what is here, whether there is more, and what went wrong.

import type { Page } from './api/contract'
import { wordsFor } from './problems'

export class Pages<Item> {
  items = $state.raw<Item[]>([])
  next = $state<string | null>(null)
  loading = $state(false)
  /** False until the first page has come: an empty list before that says nothing. */
  loaded = $state(false)
  problem = $state('')
  #load: (cursor: string | undefined) => Promise<Page<Item>>
  #turn = 0

  constructor(load: (cursor: string | undefined) => Promise<Page<Item>>) {
    this.#load = load
  }

  /** Starts with what the page itself brought, or asks. */
  async start(first?: Page<Item> | null): Promise<void> {
    if (first) {
      this.items = first.items
      this.next = first.next
      this.loaded = true
      return
    }
    await this.#fetch(undefined)
  }

  async more(): Promise<void> {
    if (this.next && !this.loading) await this.#fetch(this.next)
  }

  async retry(): Promise<void> {
    await this.#fetch(this.next ?? undefined)
  }

  /** Asks for the first page again and keeps showing the old one meanwhile. */
  async refresh(): Promise<void> {
    await this.#fetch(undefined)
  }

  change(alter: (items: Item[]) => Item[]): void {
    this.items = alter(this.items)
  }

  async #fetch(cursor: string | undefined): Promise<void> {
    const turn = ++this.#turn
    this.loading = true
    this.problem = ''
    try {
      const page = await this.#load(cursor)
      if (turn !== this.#turn) return
      this.items = cursor ? [...this.items, ...page.items] : page.items
      this.next = page.next
      this.loaded = true
    } catch (error) {
      if (turn === this.#turn) this.problem = wordsFor(error)
    } finally {
      if (turn === this.#turn) this.loading = false
    }
  }
}
