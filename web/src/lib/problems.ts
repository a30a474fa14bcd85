// One way from a failure to words: our own catalogue by the error's code, else the server's sentence.

import { APIError } from './api/client'
import { i18n, t } from './i18n/i18n.svelte'

export function wordsFor(error: unknown): string {
  if (!(error instanceof APIError)) return t('error.unknown')
  const ours = i18n.find(`error.${error.code}`)
  if (ours) return ours
  return [error.message, error.hint].filter(Boolean).join(' ')
}
