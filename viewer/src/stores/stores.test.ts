import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Me } from '../api/session'
import { useCatalogue } from './catalogue'
import { useLayers } from './layers'
import { useSelection } from './selection'
import { useSession } from './session'
import { useWorkspace } from './workspace'

const ME: Me = {
  login: 'worker',
  display_name: '网格员',
  roles: ['worker'],
  rights: ['base:read'],
  areas: [{ code: '990101001001', name: '一社区', role: 'worker' }],
  staff: null,
  csrf: 'token',
  server_time: '2026-01-01T00:00:00Z',
}

const realFetch = globalThis.fetch

function answer(bodies: Readonly<Record<string, unknown>>, status = 200) {
  globalThis.fetch = (url) =>
    Promise.resolve(new Response(JSON.stringify(bodies[String(url)] ?? {}), { status }))
}

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => {
  globalThis.fetch = realFetch
})

describe('useSession', () => {
  it('takes up the session of the cookie', async () => {
    answer({ '/api/me': ME })
    const session = useSession()
    await session.restore()
    expect(session.isRestored).toBe(true)
    expect(session.has('base:read')).toBe(true)
    expect(session.has('people:read')).toBe(false)
    expect(session.areas).toEqual(ME.areas)
  })

  it('is nobody after 401, and says when the server fails', async () => {
    const session = useSession()
    answer({}, 401)
    await session.restore()
    expect(session.me).toBeNull()
    expect(session.isRestored).toBe(true)
    answer({}, 500)
    await expect(session.restore()).rejects.toMatchObject({ status: 500 })
  })
})

describe('useSelection', () => {
  it('lets room and person go with another feature, not with the same', () => {
    const selection = useSelection()
    selection.select({ layer: 'buildings', id: 1 })
    selection.openDwelling(10)
    selection.openPerson(100)
    selection.select({ layer: 'buildings', id: 1 })
    expect(selection.state).toEqual({ selected: { layer: 'buildings', id: 1 }, dwelling: 10, person: 100 })
    selection.select({ layer: 'buildings', id: 2 })
    expect(selection.state).toEqual({ selected: { layer: 'buildings', id: 2 }, dwelling: null, person: null })
  })

  it('goes to a home of the person and keeps the person', () => {
    const selection = useSelection()
    selection.openPerson(100)
    selection.selectHome(5, 50)
    expect(selection.state).toEqual({ selected: { layer: 'buildings', id: 5 }, dwelling: 50, person: 100 })
    selection.clear()
    expect(selection.state).toEqual({ selected: null, dwelling: null, person: null })
  })
})

describe('useLayers', () => {
  it('turns layers on and off', () => {
    const layers = useLayers()
    layers.restore(['roads'])
    layers.toggle('buildings')
    expect([...layers.visible]).toEqual(['roads', 'buildings'])
    layers.setVisible(['roads', 'buildings'], false)
    expect(layers.isVisible('roads')).toBe(false)
  })
})

describe('useCatalogue', () => {
  it('knows only layers the reader may see, and what codes mean', async () => {
    const session = useSession()
    const catalogue = useCatalogue()
    expect(catalogue.readable).toEqual([])
    answer({
      '/api/me': ME,
      '/api/codes': { housing_usage: [{ code: '1', zh: '住宅', en: 'Residential' }] },
      '/api/summary': { extent: [1, 2, 3, 4], counts: { buildings: 5 }, area: null },
    })
    await session.restore()
    await catalogue.load()
    expect(catalogue.readable.length).toBeGreaterThan(0)
    expect(catalogue.codeText('housing_usage', '1')).toBe('住宅')
    expect(catalogue.codeText('housing_usage', '9')).toBe('9')
    expect(catalogue.codeText('housing_usage', null)).toBe('')
    expect(catalogue.summary?.counts.buildings).toBe(5)
    expect(catalogue.isLayerName('castles')).toBe(false)
  })
})

describe('useWorkspace', () => {
  it('has one panel open in each zone', () => {
    const workspace = useWorkspace()
    workspace.show('left', 'layers')
    workspace.toggle('left', 'tools')
    expect(workspace.open.left).toBe('tools')
    workspace.toggle('left', 'tools')
    expect(workspace.open.left).toBeUndefined()
  })
})
