// The languages that clips and captions may be in, as the server lists them, each by its own name.

import { api } from './api/client'
import { LANGUAGES } from './i18n/i18n.svelte'

export interface SpokenLanguage {
  code: string
  name: string
}

// Those of the interface, until the list is there or when it cannot be had.
const OWN: readonly SpokenLanguage[] = LANGUAGES

let asked: Promise<readonly SpokenLanguage[]> | undefined

/** Ours first, then the others by name; asked for once a visit. */
export function spokenLanguages(): Promise<readonly SpokenLanguage[]> {
  asked ??= api.get<SpokenLanguage[]>('/languages').then(
    (all) => [...OWN, ...all.filter(({ code }) => !OWN.some((own) => own.code === code)).sort(byName)],
    () => {
      asked = undefined
      return OWN
    },
  )
  return asked
}

const byName = (a: SpokenLanguage, b: SpokenLanguage): number => a.name.localeCompare(b.name)
