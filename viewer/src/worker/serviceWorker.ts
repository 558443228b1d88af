import { MOST_TILES, wayOf } from './keeping'

declare const self: ServiceWorkerGlobalScope
/** Written in by the build: a name for these files together, and the addresses of all of them. */
declare const __SHELL__: { readonly version: string; readonly files: readonly string[] }

const SHELL = `shell-${__SHELL__.version}`
/** What answers to one account: gone when another signs in. */
const START = 'start'
const TILES = 'tiles'
const PAGE = '/'

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((shell) => shell.addAll([PAGE, ...__SHELL__.files])))
})

// A new version waits until no page of the old one is open, so no page misses a file.
self.addEventListener('activate', (event) => {
  event.waitUntil(dropOldShells().then(() => self.clients.claim()))
})

async function dropOldShells(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith('shell-') && name !== SHELL) await caches.delete(name)
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const way = wayOf(request, new URL(request.url), self.location.origin)
  if (way === 'page') event.respondWith(page(request))
  else if (way === 'file') event.respondWith(keptFile(request))
  else if (way === 'start') event.respondWith(startAnswer(request))
  else if (way === 'tile') event.respondWith(tile(request, event))
  else if (way === 'session') event.respondWith(session(request))
})

/** The network's answer. Throws where there is none, or only that of a gate before a server that is away. */
async function answered(request: Request): Promise<Response> {
  const answer = await fetch(request)
  if (answer.status >= 502 && answer.status <= 504) throw new TypeError(answer.statusText)
  return answer
}

async function page(request: Request): Promise<Response> {
  try {
    return await answered(request)
  } catch {
    return (await caches.match(PAGE, { cacheName: SHELL })) ?? Response.error()
  }
}

async function keptFile(request: Request): Promise<Response> {
  return (await caches.match(request.url, { cacheName: SHELL })) ?? fetch(request)
}

/** The network's answer, kept; where there is none, the one before. */
async function startAnswer(request: Request): Promise<Response> {
  const start = await caches.open(START)
  try {
    const answer = await answered(request)
    if (answer.ok) await start.put(request.url, answer.clone())
    if (answer.status === 401) await forgetAccount()
    return answer
  } catch (error) {
    const kept = await start.match(request.url)
    if (!kept) throw error
    return withoutTime(kept)
  }
}

/** The time in a kept answer is of another day: nobody may set a clock by it. */
async function withoutTime(kept: Response): Promise<Response> {
  const body: unknown = await kept.json()
  return Response.json(typeof body === 'object' && body !== null && 'server_time' in body ? { ...body, server_time: '' } : body)
}

async function tile(request: Request, event: FetchEvent): Promise<Response> {
  try {
    const answer = await answered(request)
    if (answer.ok) event.waitUntil(keepTile(request.url, answer.clone()))
    return answer
  } catch (error) {
    const kept = await caches.match(request.url, { cacheName: TILES })
    if (!kept) throw error
    return kept
  }
}

/** Keeps the tile as the latest; the oldest beyond the number allowed go. */
async function keepTile(url: string, answer: Response): Promise<void> {
  const tiles = await caches.open(TILES)
  await tiles.delete(url)
  await tiles.put(url, answer)
  const kept = await tiles.keys()
  for (const old of kept.slice(0, Math.max(0, kept.length - MOST_TILES))) await tiles.delete(old)
}

/** Signing in or out: nothing of the account before is left. */
async function session(request: Request): Promise<Response> {
  await forgetAccount()
  const answer = await fetch(request)
  await forgetAccount()
  return answer
}

async function forgetAccount(): Promise<void> {
  await Promise.all([caches.delete(START), caches.delete(TILES)])
}
