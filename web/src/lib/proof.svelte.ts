// Some acts need a fresh proof of who asks: allauth and our own server refuse them with 401 until there is one.
// `proof.around` repeats the act once the person has given it; the dialog is drawn by ProveDialog.

import { APIError } from './api/client'
import { needsProof } from './auth'

class Proof {
  open = $state(false)
  #settle: ((given: boolean) => void) | undefined

  async around<Answer>(act: () => Promise<Answer>): Promise<Answer> {
    try {
      return await act()
    } catch (error) {
      if (!needsProof(error)) throw error
      if (!(await this.ask())) throw new APIError('proof_cancelled', '', 0)
      return act()
    }
  }

  /** Called by the dialog: true when the proof was given. */
  settle(given: boolean): void {
    this.open = false
    this.#settle?.(given)
    this.#settle = undefined
  }

  /** True once the person has given it. */
  ask(): Promise<boolean> {
    this.settle(false)
    this.open = true
    return new Promise((resolve) => (this.#settle = resolve))
  }
}

export const proof = new Proof()
