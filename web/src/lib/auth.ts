// Sign-in is django-allauth's, headless: this file only speaks its browser protocol
// (docs.allauth.org, “headless”, client `browser`) and turns its answers into three outcomes.

import { api, APIError } from './api/client'
import { cookie } from './api/cookie'
import type { AgeBand } from './api/contract'
import { i18n } from './i18n/i18n.svelte'
import { to } from './routes'
import { session } from './session.svelte'

const ROOT = '/_allauth/browser/v1'

/** What still has to happen before one is in: `mfa_authenticate` after a password, `provider_signup` for somebody new who
    comes from a provider. */
export interface Pending {
  flow: string
  types: string[]
}

export type Outcome = { done: true } | { done: false; pending: Pending }

export interface SignUp {
  username: string
  password?: string
  age_band: AgeBand
  email?: string
}

/** What this server offers besides password and passkey. */
export interface WaysIn {
  /** Whether it can send mail: without, there is nothing to reset a password by, and no address is asked for. */
  mail: boolean
  providers: Provider[]
}

export interface MailAddress {
  email: string
  verified: boolean
}

/** Somewhere else to sign in, when the operator has configured one (OpenID Connect). */
export interface Provider {
  id: string
  name: string
}

export interface SessionRow {
  id: number
  user_agent: string
  ip: string
  created_at: number
  is_current: boolean
  last_seen_at?: number
}

export interface Authenticator {
  id?: number
  type: 'totp' | 'webauthn' | 'recovery_codes'
  name?: string
  created_at: number
  last_used_at: number | null
  unused_code_count?: number
}

export interface Means {
  password: boolean
  authenticators: Authenticator[]
}

interface Answer {
  status: number
  // What the server says before allauth is asked: a missing token, a busy database.
  code?: string
  message?: string
  data?: unknown
  meta?: Record<string, unknown>
  errors?: { message: string; code: string; param?: string }[]
}

async function ask(method: string, path: string, body?: object, more: Record<string, string> = {}): Promise<Answer> {
  if (method !== 'GET' && !cookie('csrftoken')) await fetch('/api/v1/me/csrf', { credentials: 'same-origin' })
  const headers: Record<string, string> = { Accept: 'application/json', 'X-CSRFToken': cookie('csrftoken') ?? '', ...more }
  if (body) headers['Content-Type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(ROOT + path, {
      method,
      headers,
      credentials: 'same-origin',
      body: body && JSON.stringify(body),
    })
  } catch {
    throw new APIError(navigator.onLine ? 'unreachable' : 'offline', 'The server could not be reached.', 0)
  }
  const answer = (await response.json().catch(() => ({}))) as Partial<Answer>
  return { ...answer, status: response.status }
}

function refused(answer: Answer): APIError {
  const first = answer.errors?.[0]
  // allauth's sentences are English; where the catalogue has words for a code, they are the person's own.
  const fields = Object.fromEntries(
    (answer.errors ?? []).map(({ code, param, message }) => [param ?? '', i18n.find(`error.${code}`) ?? message]),
  )
  const fallback = answer.code ?? (answer.status === 429 ? 'too_many' : `http_${answer.status}`)
  const said = first?.message ?? answer.message ?? 'That did not work.'
  return new APIError(first?.code ?? fallback, said, answer.status, '', fields)
}

/** 200 is done; 401 names the flow that is pending; all else is a refusal. */
async function settle(answer: Answer): Promise<Outcome> {
  if (answer.status === 200) {
    await session.refresh()
    return { done: true }
  }
  const flows = (answer.data as { flows?: { id: string; is_pending?: boolean; types?: string[] }[] } | undefined)?.flows
  const pending = flows?.find((flow) => flow.is_pending)
  if (answer.status === 401 && pending) {
    return { done: false, pending: { flow: pending.id, types: pending.types ?? [] } }
  }
  throw refused(answer)
}

async function data<Value>(method: string, path: string, body?: object, more?: Record<string, string>): Promise<Value> {
  const answer = await ask(method, path, body, more)
  if (answer.status >= 300) throw refused(answer)
  return answer.data as Value
}

/** A key from a mail is spent. It signs nobody in, and allauth says so with 401: done, and you are not signed in. */
async function keyed(path: string, body: object): Promise<void> {
  const answer = await ask('POST', path, body)
  if (answer.status >= 300 && answer.status !== 401) throw refused(answer)
}

/** True when an action is refused until the person proves again who they are; then call `auth.prove`. */
export const needsProof = (error: unknown): boolean => error instanceof APIError && error.status === 401 && session.signedIn

export const passkeysWork = (): boolean =>
  typeof PublicKeyCredential !== 'undefined' && 'parseCreationOptionsFromJSON' in PublicKeyCredential

interface CreationOptions {
  creation_options: { publicKey: PublicKeyCredentialCreationOptionsJSON }
}

interface RequestOptions {
  request_options: { publicKey: PublicKeyCredentialRequestOptionsJSON }
}

/** What a person will recognise in the list of their passkeys. */
export function deviceName(agent = navigator.userAgent): string {
  const systems: [RegExp, string][] = [
    [/iPhone/, 'iPhone'],
    [/iPad/, 'iPad'],
    [/Android/, 'Android'],
    [/Windows/, 'Windows'],
    [/Mac OS X|Macintosh/, 'Mac'],
    [/CrOS/, 'ChromeOS'],
    [/Linux/, 'Linux'],
  ]
  const browsers: [RegExp, string][] = [
    [/Edg\//, 'Edge'],
    [/Firefox\//, 'Firefox'],
    [/Chrom(e|ium)\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ]
  const named = (list: [RegExp, string][]): string | undefined => list.find(([sign]) => sign.test(agent))?.[1]
  return [named(browsers), named(systems)].filter(Boolean).join(', ') || 'Browser'
}

async function createPasskey({ creation_options: { publicKey } }: CreationOptions): Promise<object> {
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey)
  const made = (await navigator.credentials.create({ publicKey: options })) as PublicKeyCredential | null
  if (!made) throw new APIError('passkey_cancelled', 'No passkey was made.', 0)
  return made.toJSON() as object
}

async function usePasskey({ request_options: { publicKey } }: RequestOptions, inFields?: AbortSignal): Promise<object> {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey)
  const wish = inFields ? { publicKey: options, mediation: 'conditional' as const, signal: inFields } : { publicKey: options }
  const found = (await navigator.credentials.get(wish)) as PublicKeyCredential | null
  if (!found) throw new APIError('passkey_cancelled', 'No passkey was chosen.', 0)
  return found.toJSON() as object
}

export const auth = {
  async login(username: string, password: string): Promise<Outcome> {
    return settle(await ask('POST', '/auth/login', { username, password }))
  },

  async signup(fields: SignUp): Promise<Outcome> {
    return settle(await ask('POST', '/auth/signup', fields))
  },

  /** An account with a passkey and no password: asks for the account, then for the key. */
  async signupWithPasskey({ username, age_band }: Omit<SignUp, 'password'>): Promise<Outcome> {
    const begun = await session.write(() =>
      api.post<CreationOptions>('/signup/passkey/begin', { username, age_band }),
    )
    const credential = await createPasskey(begun)
    await session.write(() => api.post('/signup/passkey/complete', { name: deviceName(), credential }))
    await session.refresh()
    return { done: true }
  },

  /** With a signal the browser offers the keys inside the sign-in fields, until it is aborted; without, at once. */
  async loginWithPasskey(inFields?: AbortSignal): Promise<Outcome> {
    const credential = await usePasskey(await data<RequestOptions>('GET', '/auth/webauthn/login'), inFields)
    return settle(await ask('POST', '/auth/webauthn/login', { credential }))
  },

  async offersPasskeysInFields(): Promise<boolean> {
    return passkeysWork() && (await PublicKeyCredential.isConditionalMediationAvailable())
  },

  ways: (): Promise<WaysIn> => api.get('/sign-in'),

  /** Leaves the page: a provider wants a real navigation, which allauth answers to a posted form with a redirect. */
  async visitProvider(provider: string, next: string): Promise<void> {
    if (!cookie('csrftoken')) await fetch('/api/v1/me/csrf', { credentials: 'same-origin' })
    // Whoever has just come from a mail's link is on a page that names no referrer, and a form sent from such a page
    // names no origin either, which the server takes for a forgery. Here the address holds no secret any more.
    document.head.append(Object.assign(document.createElement('meta'), { name: 'referrer', content: 'same-origin' }))
    const form = document.createElement('form')
    form.method = 'post'
    form.action = `${ROOT}/auth/provider/redirect`
    const fields = {
      provider,
      process: 'login',
      callback_url: location.origin + to.providerSignup(next),
      csrfmiddlewaretoken: cookie('csrftoken') ?? '',
    }
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }))
    }
    document.body.append(form)
    form.submit()
  },

  /** Back from a provider: whether one is in, or what is asked first; nothing when the visit came to nothing. */
  async arrival(): Promise<Outcome | undefined> {
    const answer = await ask('GET', '/auth/session')
    return settle(answer).catch((error: unknown) => {
      if (answer.status === 401) return undefined
      throw error
    })
  },

  /** The account of somebody whom the provider knows and we do not yet. */
  async signupThroughProvider(fields: Pick<SignUp, 'username' | 'age_band'>): Promise<Outcome> {
    return settle(await ask('POST', '/auth/provider/signup', fields))
  },

  /** The answer is the same whether somebody has this address or not. */
  async requestReset(email: string): Promise<void> {
    await data('POST', '/auth/password/request', { email })
  },

  /** Whose handle a reset link is for. Refused when it is too old or was used. */
  async resetHandle(key: string): Promise<string> {
    const found = await data<{ user: { username: string } }>('GET', '/auth/password/reset', undefined, {
      'X-Password-Reset-Key': key,
    })
    return found.user.username
  },

  async resetPassword(key: string, password: string): Promise<void> {
    await keyed('/auth/password/reset', { key, password })
  },

  /** Which address a confirmation link is for. Refused when it is too old. */
  async addressToConfirm(key: string): Promise<string> {
    return (await data<{ email: string }>('GET', '/auth/email/verify', undefined, { 'X-Email-Verification-Key': key })).email
  },

  async confirmAddress(key: string): Promise<void> {
    await keyed('/auth/email/verify', { key })
  },

  addresses: (): Promise<MailAddress[]> => data('GET', '/account/email'),

  addAddress: (email: string): Promise<MailAddress[]> => data('POST', '/account/email', { email }),

  removeAddress: (email: string): Promise<MailAddress[]> => data('DELETE', '/account/email', { email }),

  /** The confirmation once more; allauth answers 403 when it sent one a moment ago. */
  async mailAgain(email: string): Promise<void> {
    const answer = await ask('PUT', '/account/email', { email })
    if (answer.status === 403) throw new APIError('too_many_requests', 'A link was sent a moment ago.', 403)
    if (answer.status >= 300) throw refused(answer)
  },

  /** The second step after a password: six digits, or a recovery code. */
  async loginCode(code: string): Promise<Outcome> {
    return settle(await ask('POST', '/auth/2fa/authenticate', { code }))
  },

  /** The second step with a passkey in place of a code. */
  async loginSecondPasskey(): Promise<Outcome> {
    const credential = await usePasskey(await data<RequestOptions>('GET', '/auth/webauthn/authenticate'))
    return settle(await ask('POST', '/auth/webauthn/authenticate', { credential }))
  },

  /** Asked again before a sensitive change. */
  async prove(password: string): Promise<Outcome> {
    return settle(await ask('POST', '/auth/reauthenticate', { password }))
  },

  async proveWithPasskey(): Promise<Outcome> {
    const credential = await usePasskey(await data<RequestOptions>('GET', '/auth/webauthn/reauthenticate'))
    return settle(await ask('POST', '/auth/webauthn/reauthenticate', { credential }))
  },

  async proveWithCode(code: string): Promise<Outcome> {
    return settle(await ask('POST', '/auth/2fa/reauthenticate', { code }))
  },

  async logout(): Promise<void> {
    // allauth answers 401 to a successful sign-out: “you are now not signed in”.
    const answer = await ask('DELETE', '/auth/session')
    if (answer.status >= 400 && answer.status !== 401) throw refused(answer)
    session.forget()
  },

  /** Without a current one it sets the first. */
  async changePassword(current: string | undefined, new_password: string): Promise<void> {
    const body = current === undefined ? { new_password } : { current_password: current, new_password }
    await data('POST', '/account/password/change', body)
  },

  sessions: (): Promise<SessionRow[]> => data('GET', '/auth/sessions'),

  endSessions: (ids: number[]): Promise<SessionRow[]> => data('DELETE', '/auth/sessions', { sessions: ids }),

  /** Everything that this person can sign in with. */
  async means(): Promise<Means> {
    const [open, authenticators] = await Promise.all([
      data<{ user: { has_usable_password: boolean } }>('GET', '/auth/session'),
      data<Authenticator[]>('GET', '/account/authenticators'),
    ])
    return { password: open.user.has_usable_password, authenticators }
  },

  async addPasskey(name: string): Promise<void> {
    const credential = await createPasskey(await data<CreationOptions>('GET', '/account/authenticators/webauthn?passwordless'))
    await data('POST', '/account/authenticators/webauthn', { name, credential })
  },

  async removePasskeys(ids: number[]): Promise<void> {
    await data('DELETE', '/account/authenticators/webauthn', { authenticators: ids })
  },

  /** A new secret to show as a QR code or text; allauth sends it in the `meta` of a 404 while none is active. */
  async beginTOTP(): Promise<{ secret: string; url: string }> {
    const answer = await ask('GET', '/account/authenticators/totp')
    const meta = answer.meta as { secret?: string; totp_url?: string } | undefined
    if (!meta?.secret) throw refused(answer)
    return { secret: meta.secret, url: meta.totp_url ?? '' }
  },

  async activateTOTP(code: string): Promise<void> {
    await data('POST', '/account/authenticators/totp', { code })
  },

  async removeTOTP(): Promise<void> {
    await data('DELETE', '/account/authenticators/totp')
  },

  /** Those not used yet; allauth shows them once, so an empty list may also mean “already seen”. */
  async recoveryCodes(): Promise<string[]> {
    return (await data<{ unused_codes?: string[] }>('GET', '/account/authenticators/recovery-codes')).unused_codes ?? []
  },

  async renewRecoveryCodes(): Promise<string[]> {
    return (await data<{ unused_codes: string[] }>('POST', '/account/authenticators/recovery-codes')).unused_codes
  },
}
