// Who is watching, and how they like it. A signed-out viewer's choices stay in this browser.

import { api } from './api/client'
import { cookie } from './api/cookie'
import type { Me, OwnAccount, Preferences } from './api/contract'
import { takeBoot } from './boot'
import { i18n, type Language } from './i18n/i18n.svelte'
import { remember, remembered } from './storage'

const DEFAULTS = {
  theme: 'auto' as 'auto' | 'dark' | 'light',
  captions: true,
  data_saver: false,
  hide_counts: false,
  plain_feed: false,
  break_after_min: 20,
}

class Session {
  account = $state.raw<OwnAccount | null>(null)
  unread = $state(0)
  preferences = $state.raw<Preferences & typeof DEFAULTS>({ ...DEFAULTS, ...kept() })

  get signedIn(): boolean {
    return this.account !== null
  }

  /** From the page itself when the server has put it there; otherwise one request. */
  async start(): Promise<void> {
    const boot = takeBoot('me')
    await this.#take(boot ?? null)
    if (!boot && cookie('csrftoken')) await this.refresh().catch(() => undefined)
  }

  async refresh(): Promise<void> {
    await this.#take(await api.get<Me>('/me'))
  }

  async #take(me: Me | null): Promise<void> {
    this.account = me?.account ?? null
    this.unread = me?.unread ?? 0
    if (me?.account) this.preferences = { ...this.preferences, ...me.preferences }
    this.#applyTheme()
    // The language follows the account to a browser that has not seen it yet.
    const language = me?.account ? me.preferences.language : undefined
    if (language) await i18n.use(language)
  }

  /** Takes effect at once, and follows the account when there is one. */
  async prefer(changes: Partial<Preferences>): Promise<void> {
    this.preferences = { ...this.preferences, ...changes }
    remember('preferences', JSON.stringify(this.preferences))
    this.#applyTheme()
    if (changes.language) await i18n.use(changes.language as Language)
    if (this.signedIn) await this.write(() => api.patch('/me', { preferences: changes }))
  }

  /** Before the first change of state the browser needs a CSRF cookie; nobody who only watches is given one. */
  async write<Answer>(change: () => Promise<Answer>): Promise<Answer> {
    if (!cookie('csrftoken')) await api.get('/me/csrf')
    return change()
  }

  forget(): void {
    this.account = null
    this.unread = 0
  }

  /** Fewer bytes: by choice, or because the browser was told to save data. */
  get savesData(): boolean {
    return this.preferences.data_saver || navigator.connection?.saveData === true
  }

  #applyTheme(): void {
    const root = document.documentElement
    if (this.preferences.theme === 'auto') delete root.dataset['theme']
    else root.dataset['theme'] = this.preferences.theme
  }
}

function kept(): Preferences {
  try {
    return JSON.parse(remembered('preferences') ?? '{}') as Preferences
  } catch {
    return {}
  }
}

export const session = new Session()
