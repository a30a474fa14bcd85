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

/** Where to go after signing in: only a path of this site, so that no link can send people elsewhere. */
export function landing(next: string | null): string {
  if (!next || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/'
  return /^\/(signin|signup|reset-password|verify-email)\b/.test(next) ? '/' : next
}
