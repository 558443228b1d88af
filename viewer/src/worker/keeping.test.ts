import { describe, expect, it } from 'vitest'
import { LAYERS } from '../generated/layers'
import { GROUND, wayOf } from './keeping'

const ORIGIN = 'https://wangge.example'
const get = (path: string, mode = 'cors') => wayOf({ method: 'GET', mode }, new URL(path, ORIGIN), ORIGIN)
const send = (method: string, path: string) => wayOf({ method, mode: 'cors' }, new URL(path, ORIGIN), ORIGIN)

describe('wayOf', () => {
  it('opens the page from the device where there is no network', () => {
    expect(get('/?view=117.6,33.2,15', 'navigate')).toBe('page')
    expect(get('/ogc', 'navigate')).toBe('network')
  })

  it('keeps the files of the application and what it asks at its start', () => {
    expect(get('/assets/index-DmzB8-aB.js')).toBe('file')
    for (const path of ['/api/me', '/api/codes', '/api/summary']) expect(get(path)).toBe('start')
    expect(get('/api/summary?area=31')).toBe('network')
  })

  it('keeps tiles of the ground only', () => {
    expect(get('/tiles/greens,waters,roads/14/13500/6600')).toBe('tile')
    expect(get('/tiles/buildings/15/27000/13200')).toBe('tile')
    expect(get('/tiles/incidents/15/27000/13200')).toBe('network')
    expect(get('/tiles/buildings,incidents/15/27000/13200')).toBe('network')
  })

  it('never keeps what people told', () => {
    for (const path of ['/api/layers/persons/features', '/api/incidents/7/case', '/api/search?q=王', '/api/duty/me', '/live'])
      expect(get(path)).toBe('network')
    expect(get('https://elsewhere.example/assets/a.js')).toBe('network')
  })

  it('lets writes through, and sees who signs in and out', () => {
    expect(send('POST', '/api/incidents')).toBe('network')
    expect(send('DELETE', '/api/session')).toBe('session')
    expect(send('POST', '/api/session')).toBe('session')
  })
})

it('knows as ground what everybody who is signed in may read', () => {
  for (const name of GROUND) expect(LAYERS.find((layer) => layer.name === name)?.read).toBe('base:read')
})
