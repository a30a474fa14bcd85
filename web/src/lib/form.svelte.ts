// A form's faults, from our own rules or from the server, each with the control it is about.

import { APIError } from './api/client'
import { t } from './i18n/i18n.svelte'
import { wordsFor } from './problems'

export class Form<Field extends string = string> {
  /** One sentence per field that has a fault. */
  faults = $state<Partial<Record<Field, string>>>({})
  /** What belongs to no field. */
  general = $state('')
  busy = $state(false)
  /** Counts attempts, so that a summary shown twice in a row takes the focus twice. */
  turn = $state(0)

  /** `fields` in the order they stand on the screen; an id is `prefix-field`. */
  constructor(
    readonly prefix: string,
    readonly fields: readonly Field[],
  ) {}

  id = (field: Field): string => `${this.prefix}-${field}`

  get problems(): { id?: string; text: string }[] {
    const listed = this.fields.flatMap((field) => {
      const text = this.faults[field]
      return text ? [{ id: this.id(field), text }] : []
    })
    return this.general ? [{ text: this.general }, ...listed] : listed
  }

  clear(): void {
    this.faults = {}
    this.general = ''
  }

  /** True when nothing is wrong. Faults without a sentence are left out. */
  check(faults: Partial<Record<Field, string | undefined>>): boolean {
    const found = Object.entries(faults).filter(([, text]) => text)
    this.faults = Object.fromEntries(found) as Partial<Record<Field, string>>
    this.general = ''
    this.turn += 1
    return found.length === 0
  }

  /** Runs one attempt; answers whether it worked. `rename` maps the server's field names to ours. */
  async send(attempt: () => Promise<unknown>, rename: Partial<Record<string, Field>> = {}): Promise<boolean> {
    if (this.busy) return false
    this.busy = true
    this.clear()
    try {
      await attempt()
      return true
    } catch (error) {
      this.#take(error, rename)
      return false
    } finally {
      this.busy = false
    }
  }

  #take(error: unknown, rename: Partial<Record<string, Field>>): void {
    this.turn += 1
    const fields = error instanceof APIError ? Object.entries(error.fields) : []
    for (const [name, text] of fields) {
      const field = rename[name] ?? (this.fields as readonly string[]).find((ours) => ours === name)
      if (field) this.faults[field as Field] = text
    }
    if (!Object.keys(this.faults).length) this.general = wordsFor(error) || t('error.unknown')
  }
}
