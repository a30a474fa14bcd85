// Short messages at the foot of the screen. They are said by a live region, and those that can be undone stay longer.

export interface Toast {
  id: number
  text: string
  action?: { label: string; run: () => void }
}

const STAY_MS = 4_000
const STAY_WITH_ACTION_MS = 8_000

class Toasts {
  list = $state<Toast[]>([])
  #next = 1

  say(text: string, action?: Toast['action']): void {
    const toast: Toast = { id: this.#next++, text, action }
    this.list = [...this.list.slice(-1), toast]
    setTimeout(() => this.drop(toast.id), action ? STAY_WITH_ACTION_MS : STAY_MS)
  }

  drop(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id)
  }
}

export const toasts = new Toasts()
