// Two small catalogues per language: `xx.json` for the player, loaded with the first paint, and `screens.xx.json`
// for everything else, loaded with the first screen that needs it. Keys are typed from the English ones.

import type viewer from '$messages/en.json'
import type screens from '$messages/screens.en.json'
import { remembered, remember } from '$lib/storage'

export type Language = 'en' | 'cy'
export type Key = keyof typeof viewer | keyof typeof screens
export type Params = Record<string, string | number>
type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>
type Catalogue = Record<string, Message>

export const LANGUAGES: readonly { code: Language; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'cy', name: 'Cymraeg' },
]

const VIEWER: Record<Language, () => Promise<{ default: Catalogue }>> = {
  en: () => import('$messages/en.json'),
  cy: () => import('$messages/cy.json'),
}
const SCREENS: Record<Language, () => Promise<{ default: Catalogue }>> = {
  en: () => import('$messages/screens.en.json'),
  cy: () => import('$messages/screens.cy.json'),
}

type Welsh = typeof import('./welsh')

/** What stands in for dates that this browser cannot write in a language. */
async function standIn(language: Language): Promise<Welsh | undefined> {
  const able = language === 'en' || Intl.DateTimeFormat.supportedLocalesOf(language).length > 0
  return able ? undefined : import('./welsh')
}

class I18n {
  language = $state<Language>('en')
  #catalogue = $state.raw<Catalogue>({})
  #plurals = new Intl.PluralRules('en')
  #welsh: Welsh | undefined
  #wantsScreens = false
  // The two catalogues are asked for side by side, before either has come: both must be of one language.
  #wanted: Language = preferredLanguage()

  /** Loads the player's words; call once before the first component is made. */
  async start(): Promise<void> {
    await this.#load(this.#wanted)
  }

  /** Makes sure that the words of the screens outside the player are there too. */
  async needScreens(): Promise<void> {
    if (this.#wantsScreens) return
    this.#wantsScreens = true
    await this.#load(this.#wanted)
  }

  async use(language: Language): Promise<void> {
    remember('language', language)
    if (language === this.#wanted) return
    this.#wanted = language
    await this.#load(language)
  }

  async #load(language: Language): Promise<void> {
    const parts = await Promise.all([
      VIEWER[language](),
      this.#wantsScreens ? SCREENS[language]() : undefined,
      standIn(language),
    ])
    if (language !== this.#wanted) return
    const already = language === this.language ? this.#catalogue : {}
    this.#catalogue = { ...already, ...parts[0].default, ...parts[1]?.default }
    this.#welsh = parts[2]
    this.#plurals = new Intl.PluralRules(language)
    this.language = language
    document.documentElement.lang = language
  }

  /** The message in the viewer's language. `count` chooses the plural form; Welsh has six. */
  t = (key: Key, params: Params = {}): string => this.find(key, params) ?? key

  /** Like `t` for keys that come from the server, such as an error's code; undefined when we have no words for it. */
  find = (key: string, params: Params = {}): string | undefined => {
    const message = this.#catalogue[key]
    if (message === undefined) return undefined
    const text = typeof message === 'string' ? message : this.#form(message, Number(params['count'] ?? 0))
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = params[name]
      return value === undefined ? whole : typeof value === 'number' ? this.number(value) : value
    })
  }

  #form(message: Partial<Record<Intl.LDMLPluralRule, string>>, count: number): string {
    return message[this.#plurals.select(count)] ?? message.other ?? ''
  }

  number(value: number): string {
    return new Intl.NumberFormat(this.language).format(value)
  }

  /** 12,345 as “12K”: for counts beside an icon. */
  compact(value: number): string {
    return new Intl.NumberFormat(this.language, { notation: 'compact', maximumFractionDigits: 1 }).format(value)
  }

  date(iso: string, style: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'long', year: 'numeric' }): string {
    if (this.#welsh) return this.#welsh.welshDate(new Date(iso), style)
    // “en” alone would write dates the American way.
    return new Intl.DateTimeFormat(this.language === 'en' ? 'en-GB' : this.language, style).format(new Date(iso))
  }

  /** “3 hours ago”, down to seconds and up to years. */
  ago(iso: string, now = Date.now()): string {
    const seconds = (new Date(iso).getTime() - now) / 1000
    const steps: [Intl.RelativeTimeFormatUnit, number][] = [
      ['year', 31_557_600],
      ['month', 2_629_800],
      ['week', 604_800],
      ['day', 86_400],
      ['hour', 3_600],
      ['minute', 60],
    ]
    const format = new Intl.RelativeTimeFormat(this.language, { numeric: 'auto' })
    const write = (value: number, unit: Intl.RelativeTimeFormatUnit): string =>
      this.#welsh ? this.#welsh.welshAgo(value, unit) : format.format(value, unit)
    for (const [unit, size] of steps) {
      if (Math.abs(seconds) >= size) return write(Math.trunc(seconds / size), unit)
    }
    return write(Math.trunc(seconds), 'second')
  }
}

export function preferredLanguage(): Language {
  const wishes = [remembered('language'), document.documentElement.lang, ...navigator.languages]
  for (const wish of wishes) {
    const known = LANGUAGES.find(({ code }) => wish?.toLowerCase().startsWith(code))
    if (known) return known.code
  }
  return 'en'
}

export const i18n = new I18n()
export const t = i18n.t
