/** One thing wrong with one field of what was sent. */
export interface Fault {
  readonly field: string
  readonly reason: string
}

/** A request that failed: the server's problem document (RFC 9457), or status 0 when there was no answer. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly faults: readonly Fault[] = [],
    readonly allowed: readonly string[] = [],
    readonly type = 'about:blank',
    /** The whole problem document, for what only one kind of problem tells. */
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail || title)
  }
}

export type QueryValue = string | number | boolean | null | undefined

export interface RequestOptions {
  readonly signal?: AbortSignal
  /** What is null, undefined or an empty string is left out. */
  readonly query?: Readonly<Record<string, QueryValue>>
  readonly headers?: Readonly<Record<string, string>>
}

let csrfToken: string | null = null
let onUnauthorised: () => void = () => undefined

/** Sets the token that goes with every write; null forgets it. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token
}

/** Sets what is done when the server answers 401 to anything but signing in. */
export function setUnauthorisedHandler(handler: () => void): void {
  onUnauthorised = handler
}

/** The path with the query appended in the order given. */
export function withQuery(path: string, query: RequestOptions['query'] = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') parameters.set(name, String(value))
  }
  const text = parameters.toString()
  return text ? `${path}?${text}` : path
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function faultsOf(value: unknown): Fault[] {
  if (!Array.isArray(value)) return []
  return value.filter(isRecord).map((fault) => ({
    field: textOf(fault.field),
    reason: textOf(fault.reason),
  }))
}

/** The error for an answer that is not 2xx; a body that is no problem document gives title and status only. */
export async function errorFrom(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null)
  if (!isRecord(body)) return new ApiError(response.status, response.statusText, '')
  const allowed = Array.isArray(body.allowed) ? body.allowed.map(String) : []
  return new ApiError(
    response.status,
    textOf(body.title) || response.statusText,
    textOf(body.detail),
    faultsOf(body.faults),
    allowed,
    textOf(body.type) || 'about:blank',
    body,
  )
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

async function send(
  method: string,
  path: string,
  body: unknown,
  options: RequestOptions,
): Promise<Response> {
  const headers: Record<string, string> = { ...options.headers, Accept: 'application/json' }
  // A form with files names its own boundary.
  const isForm = body instanceof FormData
  if (body !== undefined && !isForm) headers['Content-Type'] = 'application/json'
  if (method !== 'GET' && csrfToken !== null) headers['X-CSRF-Token'] = csrfToken
  try {
    return await fetch(withQuery(path, options.query), {
      method,
      headers,
      body: body === undefined || isForm ? body : JSON.stringify(body),
      credentials: 'same-origin',
      signal: options.signal,
    })
  } catch (error) {
    if (isAbort(error)) throw error
    throw new ApiError(0, 'Network error', '')
  }
}

async function request<Result>(
  method: string,
  path: string,
  body: unknown,
  options: RequestOptions,
): Promise<Result> {
  const response = await send(method, path, body, options)
  if (!response.ok) {
    const error = await errorFrom(response)
    if (response.status === 401 && path !== '/api/session') onUnauthorised()
    throw error
  }
  if (response.status === 204) return undefined as Result
  return (await response.json()) as Result
}

/** A file the server made, and how many rows it says are in it. */
export interface TakenOut {
  readonly blob: Blob
  readonly name: string
  readonly rows: number
}

/** The name after `filename*=UTF-8''`, else that after `filename=`. */
export function fileName(disposition: string): string {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1]
  if (encoded) return decodeURIComponent(encoded)
  return /filename="?([^";]+)/i.exec(disposition)?.[1] ?? 'wangge'
}

async function takeOut(path: string, body: unknown, options: RequestOptions = {}): Promise<TakenOut> {
  const response = await send('POST', path, body, options)
  if (!response.ok) {
    const error = await errorFrom(response)
    if (response.status === 401) onUnauthorised()
    throw error
  }
  return {
    blob: await response.blob(),
    name: fileName(response.headers.get('Content-Disposition') ?? ''),
    rows: Number(response.headers.get('X-Rows') ?? 0),
  }
}

/** Typed requests to this origin. All throw ApiError, or the DOMException of an abort. */
export const api = {
  get: <Result>(path: string, options: RequestOptions = {}) =>
    request<Result>('GET', path, undefined, options),
  post: <Result>(path: string, body: unknown, options: RequestOptions = {}) =>
    request<Result>('POST', path, body, options),
  patch: <Result>(path: string, body: unknown, options: RequestOptions = {}) =>
    request<Result>('PATCH', path, body, options),
  delete: <Result = void>(path: string, options: RequestOptions = {}) =>
    request<Result>('DELETE', path, undefined, options),
  takeOut,
}

/** A file the server makes of what is posted. Throws ApiError. */
export async function download(path: string, body: unknown): Promise<Blob> {
  const response = await send('POST', path, body, {})
  if (!response.ok) throw await errorFrom(response)
  return response.blob()
}
