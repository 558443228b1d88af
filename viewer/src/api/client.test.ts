import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ApiError, api, setCsrfToken, setUnauthorisedHandler, withQuery } from './client'

interface Call {
  readonly url: string
  readonly init: RequestInit
}

const calls: Call[] = []
const realFetch = globalThis.fetch

function answer(status: number, body?: unknown) {
  globalThis.fetch = (url, init = {}) => {
    calls.push({ url: String(url), init })
    return Promise.resolve(
      new Response(body === undefined ? null : JSON.stringify(body), { status, statusText: 'Text' }),
    )
  }
}

const headerOf = (call: Call | undefined, name: string) => new Headers(call?.init.headers).get(name)

beforeEach(() => {
  calls.length = 0
  setCsrfToken(null)
  setUnauthorisedHandler(() => undefined)
})
afterEach(() => {
  globalThis.fetch = realFetch
})

describe('withQuery', () => {
  it('leaves out what is not given and escapes the rest', () => {
    expect(withQuery('/api/search', { q: '阳光 1', limit: 5, after: null, bbox: undefined, kind: '' })).toBe(
      '/api/search?q=%E9%98%B3%E5%85%89+1&limit=5',
    )
    expect(withQuery('/api/me')).toBe('/api/me')
  })
})

describe('api', () => {
  it('gives back the body', async () => {
    answer(200, { total: 3 })
    await expect(api.get<{ total: number }>('/api/summary')).resolves.toEqual({ total: 3 })
    expect(calls[0]?.init.method).toBe('GET')
  })

  it('sends the token with writes only', async () => {
    answer(200, {})
    setCsrfToken('secret')
    await api.get('/api/me')
    await api.post('/api/reveal', { id: 1 })
    expect(headerOf(calls[0], 'X-CSRF-Token')).toBeNull()
    expect(headerOf(calls[1], 'X-CSRF-Token')).toBe('secret')
    expect(calls[1]?.init.body).toBe('{"id":1}')
  })

  it('gives nothing for 204', async () => {
    answer(204)
    await expect(api.delete('/api/session')).resolves.toBeUndefined()
  })

  it('turns a problem document into an error with all faults', async () => {
    answer(422, {
      title: 'Invalid',
      detail: 'Two fields are wrong',
      faults: [{ field: 'levels', reason: 'at most 200' }],
      allowed: ['a'],
    })
    const error = await api.patch('/api/x', {}).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({
      status: 422,
      title: 'Invalid',
      detail: 'Two fields are wrong',
      faults: [{ field: 'levels', reason: 'at most 200' }],
      allowed: ['a'],
    })
  })

  it('survives an error that is no problem document', async () => {
    globalThis.fetch = () => Promise.resolve(new Response('<html>', { status: 502, statusText: 'Bad Gateway' }))
    await expect(api.get('/api/me')).rejects.toMatchObject({ status: 502, title: 'Bad Gateway', faults: [] })
  })

  it('calls the handler for 401, but not when signing in fails', async () => {
    answer(401, { title: 'Unauthorized' })
    let expired = 0
    setUnauthorisedHandler(() => {
      expired += 1
    })
    await expect(api.get('/api/summary')).rejects.toMatchObject({ status: 401 })
    await expect(api.post('/api/session', {})).rejects.toMatchObject({ status: 401 })
    expect(expired).toBe(1)
  })

  it('has status 0 when there is no answer, and passes an abort on', async () => {
    globalThis.fetch = () => Promise.reject(new TypeError('Failed to fetch'))
    await expect(api.get('/api/me')).rejects.toMatchObject({ status: 0 })
    const abort = new DOMException('Aborted', 'AbortError')
    globalThis.fetch = () => Promise.reject(abort)
    await expect(api.get('/api/me')).rejects.toBe(abort)
  })
})
