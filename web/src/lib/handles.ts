// The form of a handle, as the server demands it: told while one types, so that nobody has to send to find out.

import type { Key } from './i18n/i18n.svelte'

export const HANDLE_MIN = 3
export const HANDLE_MAX = 30
export const PASSWORD_MIN = 10

export const foldHandle = (text: string): string => text.trim().replace(/^@/, '').toLowerCase()

/** The rule that a handle breaks, or nothing. The server knows more: reserved words, look-alikes, those taken. */
export function handleFault(text: string): Key | undefined {
  const handle = foldHandle(text)
  if (/[^a-z0-9_.]/.test(handle)) return 'handle.letters'
  if (handle.length < HANDLE_MIN || handle.length > HANDLE_MAX) return 'handle.length'
  if (`.${handle}.`.includes('..')) return 'handle.dots'
  if (!/[a-z]/.test(handle)) return 'handle.noLetter'
  return undefined
}

/** Whether it has the form of an address; whether mail arrives there, only a mail tells. */
export const looksLikeAddress = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim())

/**
 * Where to go after signing in: only a path of this site, so that no link can send people elsewhere.
 *
 * Browsers drop tabs and line breaks from an address and take a backslash for a slash: `/<tab>/evil` is `//evil`. So
 * neither may be there, and the browser's own parser has the last word.
 */
export function landing(next: string | null): string {
  if (!next || !/^\/(?!\/)/.test(next) || /[\u0000-\u001f\u007f-\u009f\u2028\u2029\\]/.test(next)) return '/'
  const here = 'https://here.invalid'
  if (!URL.canParse(next, here) || new URL(next, here).origin !== here) return '/'
  return /^\/(signin|signup|reset-password|verify-email)\b/.test(next) ? '/' : next
}
