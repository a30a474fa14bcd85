// What can be said about a file before any of it is sent.

import { t, type Key } from '$lib/i18n/i18n.svelte'

// Cameras and editors make files whose type no browser knows; only what is certainly something else is turned away.
const CERTAINLY_NOT = /^(image\/(?!gif)|text\/|application\/(pdf|zip|json|msword|vnd\.|javascript)|font\/)/

export interface FileFault {
  key: Key
  params?: Record<string, string | number>
}

export function fileFault(file: File, maxBytes: number | undefined): FileFault | undefined {
  if (file.size === 0) return { key: 'file.empty' }
  if (CERTAINLY_NOT.test(file.type)) return { key: 'file.notVideo', params: { name: file.name } }
  if (maxBytes !== undefined && file.size > maxBytes) {
    return { key: 'file.large', params: { size: sizeOf(file.size), limit: sizeOf(maxBytes) } }
  }
  return undefined
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** 12,300,000 bytes as “12 MB”, in the page's language. */
export function sizeOf(bytes: number, language = document.documentElement.lang || 'en'): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const value = bytes / 1000 ** step
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: UNITS[step]!,
    maximumFractionDigits: value < 10 && step > 1 ? 1 : 0,
  }).format(value)
}

/** Seconds in words, coarse enough not to jump with every part. */
export function timeOf(seconds: number): string {
  if (seconds < 60) return t('time.seconds', { count: Math.max(1, seconds < 10 ? Math.round(seconds) : Math.round(seconds / 5) * 5) })
  if (seconds < 3600) return t('time.minutes', { count: Math.round(seconds / 60) })
  return t('time.hours', { count: Math.round(seconds / 3600) })
}
