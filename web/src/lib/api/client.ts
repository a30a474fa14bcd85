// The one place that talks to the server. Every failure comes out as an APIError with a code that a catalogue can name.

import { cookie } from './cookie'

const ROOT = '/api/v1'
const RETRY_AFTER_MS = [300, 1200]

export class APIError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly hint = '',
    readonly fields: Record<string, string> = {},
  ) {
    super(message)
    this.name = 'APIError'
  }

  /** Trying again without changing anything may help. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502
  }
}

export interface Options {
  signal?: AbortSignal
  /** Lets the request outlive the page; the browser limits such bodies to 64 KiB. */
  keepalive?: boolean
  query?: Record<string, string | number | undefined | null>
  headers?: Record<string, string>
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Body = Blob | ArrayBuffer | string | object | undefined

// Only these may be sent twice when the answer to the first was lost. POST may have landed.
const REPEATABLE: readonly Method[] = ['GET', 'PUT', 'DELETE']

async function request<Answer>(method: Method, path: string, body?: Body, options: Options = {}): Promise<Answer> {
  const address = addressOf(path, options.query)
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once<Answer>(method, address, body, options)
    } catch (error) {
      const wait = RETRY_AFTER_MS[attempt]
      const again = error instanceof APIError && error.transient && error.status !== 429 && REPEATABLE.includes(method)
      if (!again || wait === undefined || options.keepalive) throw error
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
}

function addressOf(path: string, query: Options['query']): string {
  const address = path.startsWith('/_') ? path : ROOT + path
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '')
  if (!pairs.length) return address
  return `${address}?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}`
}

async function once<Answer>(method: Method, address: string, body: Body, options: Options): Promise<Answer> {
  const headers: Record<string, string> = { Accept: 'application/json', ...options.headers }
  const token = method === 'GET' ? undefined : cookie('csrftoken')
  if (token) headers['X-CSRFToken'] = token
  const raw = body instanceof Blob || body instanceof ArrayBuffer || typeof body === 'string'
  if (body !== undefined && !raw) headers['Content-Type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(address, {
      method,
      headers,
      credentials: 'same-origin',
      body: body === undefined ? undefined : raw ? (body as BodyInit) : JSON.stringify(body),
      signal: options.signal,
      keepalive: options.keepalive,
    })
  } catch (error) {
    if (options.signal?.aborted) throw error
    throw new APIError(navigator.onLine ? 'unreachable' : 'offline', 'The server could not be reached.', 0)
  }
  const text = await response.text()
  const answer: unknown = parsed(text)
  if (response.ok) return answer as Answer
  throw errorOf(response.status, answer)
}

function parsed(text: string): unknown {
  if (!text) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function errorOf(status: number, answer: unknown): APIError {
  const problem = (answer ?? {}) as { code?: string; message?: string; hint?: string; fields?: Record<string, string> }
  return new APIError(
    typeof problem.code === 'string' ? problem.code : `http_${status}`,
    problem.message ?? 'Something went wrong.',
    status,
    problem.hint ?? '',
    problem.fields ?? {},
  )
}

export const api = {
  get: <Answer>(path: string, options?: Options) => request<Answer>('GET', path, undefined, options),
  post: <Answer>(path: string, body?: Body, options?: Options) => request<Answer>('POST', path, body, options),
  put: <Answer>(path: string, body?: Body, options?: Options) => request<Answer>('PUT', path, body, options),
  patch: <Answer>(path: string, body?: Body, options?: Options) => request<Answer>('PATCH', path, body, options),
  del: <Answer>(path: string, options?: Options) => request<Answer>('DELETE', path, undefined, options),
}
