// What a failed act says at the foot of the screen, unless the person called it off.

import { toasts } from '$kit/toasts.svelte'
import { APIError } from '$lib/api/client'
import { wordsFor } from '$lib/problems'

const CALLED_OFF = ['proof_cancelled', 'passkey_cancelled']

export function sayProblem(error: unknown): void {
  if (error instanceof APIError && CALLED_OFF.includes(error.code)) return
  // The browser's own word for “the person closed the passkey window”.
  if (error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError')) return
  toasts.say(wordsFor(error))
}
