// “Ann”, “Ann and Bob”, “Ann, Bob and 3 others”: several people who did the same are told of once.

import type { Notification } from '$lib/api/contract'
import { t } from '$lib/i18n/i18n.svelte'

export function whoOf({ actors, count }: Pick<Notification, 'actors' | 'count'>): string {
  const [first, second] = actors
  const a = first?.name ?? ''
  if (count <= 1 || !second) return count > 1 ? t('news.oneAndOthers', { a, count: count - 1 }) : a
  if (count === 2) return t('news.two', { a, b: second.name })
  return t('news.twoAndOthers', { a, b: second.name, count: count - 2 })
}
