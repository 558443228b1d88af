/**
 * What the service worker keeps on the device, so that the application starts without a network: its own files, what it
 * asks before anything is shown, and the ground of the map. Never persons, cases or anything else that people told.
 */

/** Read by every account, and the same for years: names of layers whose tiles may be kept. */
export const GROUND: ReadonlySet<string> = new Set([
  'greens',
  'waters',
  'roads',
  'areas',
  'grids',
  'compounds',
  'buildings',
  'entrances',
])

/** Answers without which nothing can be shown. */
const START: ReadonlySet<string> = new Set(['/api/me', '/api/codes', '/api/summary'])

export const MOST_TILES = 600

/** How a request is answered: `page` and `start` by the network first, `file` from the device first. */
export type Way = 'page' | 'file' | 'start' | 'tile' | 'session' | 'network'

interface Asked {
  readonly method: string
  readonly mode: string
}

/** The way in which a request is answered; `origin` is that of the application. */
export function wayOf({ method, mode }: Asked, url: URL, origin: string): Way {
  if (url.origin !== origin) return 'network'
  if (url.pathname === '/api/session') return method === 'GET' ? 'network' : 'session'
  if (method !== 'GET') return 'network'
  if (mode === 'navigate') return url.pathname === '/' ? 'page' : 'network'
  if (url.pathname.startsWith('/assets/')) return 'file'
  if (START.has(url.pathname) && url.search === '') return 'start'
  return isGroundTile(url.pathname) ? 'tile' : 'network'
}

function isGroundTile(path: string): boolean {
  const layers = /^\/tiles\/([a-z_,]+)\/\d+\/\d+\/\d+$/.exec(path)?.[1]
  return layers !== undefined && layers.split(',').every((layer) => GROUND.has(layer))
}
