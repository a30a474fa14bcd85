// How a clip stands, in words: what has happened, what happens next, what to do.

import type { ClipStatus, OwnClip } from '$lib/api/contract'
import { i18n, t } from '$lib/i18n/i18n.svelte'

export interface Standing {
  tone: 'plain' | 'good' | 'warn' | 'danger' | 'accent'
  /** Two or three words, for a badge. */
  name: string
  /** A sentence. */
  text: string
  /** 0 to 1, while something is under way. */
  progress?: number
}

/** Whether anybody can watch it yet. */
export const watchable = (status: ClipStatus): boolean => status.state === 'playable' || status.state === 'ready'

export function processingOf(status: ClipStatus): Standing {
  switch (status.state) {
    case 'receiving':
      return { tone: 'plain', name: t('state.receiving'), text: t('state.receivingText'), progress: status.progress }
    case 'received':
      return { tone: 'plain', name: t('state.received'), text: t('state.receivedText') }
    case 'processing':
      return { tone: 'accent', name: t('state.processing'), text: t('state.processingText'), progress: status.progress }
    case 'playable':
      return { tone: 'good', name: t('state.playable'), text: t('state.playableText'), progress: status.progress }
    case 'ready':
      return { tone: 'good', name: t('state.ready'), text: t('state.readyText') }
    case 'refused':
      return { tone: 'danger', name: t('state.refused'), text: refusalOf(status) }
  }
}

export function refusalOf({ refusal }: ClipStatus): string {
  if (!refusal) return t('error.unknown')
  const params = (refusal as { params?: Record<string, string | number> }).params
  return i18n.find(`error.${refusal.code}`, params) ?? [refusal.message, refusal.hint].filter(Boolean).join(' ')
}

/** Whether others see it, and when they will. */
export function releaseOf(status: ClipStatus): Standing {
  if (status.release === 'draft') return { tone: 'plain', name: t('release.draft'), text: t('release.draftText') }
  if (status.release === 'scheduled') {
    const date = i18n.date(status.scheduled_for ?? '', { dateStyle: 'full', timeStyle: 'short' })
    return { tone: 'accent', name: t('release.scheduled'), text: t('release.scheduledText', { date }) }
  }
  return watchable(status)
    ? { tone: 'good', name: t('release.published'), text: t('release.publishedText') }
    : { tone: 'accent', name: t('release.soon'), text: t('release.soonText') }
}

/** The one thing to show in a list. */
export function standingOf(clip: OwnClip): Standing {
  const processing = processingOf(clip)
  if (clip.state === 'refused' || clip.state === 'receiving') return processing
  return watchable(clip) ? releaseOf(clip) : processing
}
