import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Feature } from '../api/features'
import type { Home } from '../model/people'
import { reportBody } from '../model/report'
import type { Report } from '../model/report'
import { useLayers } from '../stores/layers'
import { useReveal } from '../stores/reveal'
import { useSelection } from '../stores/selection'
import { useWorkspace } from '../stores/workspace'
import { removeFeature, saveChanges } from './editFeature'
import { RecordingMapPort } from './recordingMapPort'
import { choosePlace, fileReport } from './reportIncident'
import { askToReveal, revealWithReason } from './reveal'
import { showFeature } from './showFeature'
import { lightHomes, showFoundPerson, showHome } from './showHome'

interface Sent {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

let sent: Sent[] = []
let answers: Record<string, unknown> = {}
let port: RecordingMapPort

const HOME: Home = {
  building_id: 7, dwelling_id: 70, address: '春申路1号', unit: '1', floor: 5, room: '501', kind: null,
  lon: 120.1, lat: 30.1, current: true,
}
const FEATURE: Feature = {
  type: 'Feature', id: 7, properties: { name: '1幢', row_version: 3 },
  geometry: { type: 'MultiPolygon', coordinates: [[[[0, 0], [2, 0], [2, 2], [0, 0]]]] },
}

const REPORT: Report = {
  place: { lon: 120, lat: 30 }, values: { category: 'UM-0110' }, condition: null, reporters: [], photos: [], seen: [],
}

function bodyOf(body: BodyInit | null | undefined): unknown {
  if (!body) return null
  return JSON.parse(String(body instanceof FormData ? body.get('report') : body))
}

beforeEach(() => {
  setActivePinia(createPinia())
  sent = []
  answers = {}
  port = new RecordingMapPort()
  vi.stubGlobal('fetch', (path: string, request: RequestInit) => {
    sent.push({ method: request.method ?? 'GET', path, body: bodyOf(request.body) })
    return Promise.resolve(Response.json(answers[path] ?? {}))
  })
})
afterEach(() => vi.unstubAllGlobals())

describe('showFeature', () => {
  it('flies straight to a building, selects it and shows its layer', async () => {
    useLayers().setVisible(['buildings'], false)
    await showFeature(port, 'buildings', 7, { lon: 120, lat: 30 })
    expect(port.orders).toEqual([['flyTo', { lon: 120, lat: 30, zoom: 17.5 }]])
    expect(useSelection().selected).toEqual({ layer: 'buildings', id: 7 })
    expect(useLayers().isVisible('buildings')).toBe(true)
    expect(sent).toEqual([])
  })

  it('shows the whole of a road', async () => {
    answers['/api/layers/roads/features/7'] = FEATURE
    await showFeature(port, 'roads', 7, { lon: 1, lat: 1 })
    expect(port.orders.map(([name]) => name)).toEqual(['fitBounds'])
  })

  it('goes to the place when the feature cannot be read', async () => {
    vi.stubGlobal('fetch', () => Promise.resolve(Response.json({}, { status: 404 })))
    await showFeature(port, 'roads', 7, { lon: 1, lat: 1 })
    expect(port.orders).toEqual([['flyTo', { lon: 1, lat: 1 }]])
  })
})

describe('homes', () => {
  it('open the house with the room in focus, keeping the person', async () => {
    useSelection().openPerson(9)
    await showHome(port, HOME)
    expect(useSelection().state).toEqual({ selected: { layer: 'buildings', id: 7 }, dwelling: 70, person: 9 })
    expect(useWorkspace().open.right).toBe('house')
    expect(port.orders[0]?.[0]).toBe('flyTo')
  })

  it('of a person found: the current one is shown, the person in front', async () => {
    const former = { ...HOME, building_id: 6, current: false }
    await showFoundPerson(port, 9, [former, HOME])
    expect(useSelection().state).toEqual({ selected: { layer: 'buildings', id: 7 }, dwelling: 70, person: 9 })
    expect(useWorkspace().open.right).toBe('person')
  })

  it('of nobody: the person alone is opened', async () => {
    await showFoundPerson(port, 9, [])
    expect(useSelection().state).toEqual({ selected: null, dwelling: null, person: 9 })
    expect(port.orders).toEqual([])
  })

  it('are lit up once each, and put out', () => {
    lightHomes(port, [HOME, { ...HOME, dwelling_id: 71 }])
    lightHomes(port, [])
    expect(port.orders).toEqual([['highlight', { layer: 'buildings', ids: [7] }], ['highlight', null]])
  })
})

it('reveals a value with a reason and keeps it until it is forgotten', async () => {
  answers['/api/reveal'] = { value: '13800001234' }
  const request = { layer: 'persons', id: 9, field: 'phone', label: '电话', masked: '138****1234' } as const
  askToReveal(request)
  expect(useWorkspace().open.dialog).toBe('reveal')
  await revealWithReason(request, ' 入户走访核实 ')
  expect(sent[0]?.body).toEqual({ layer: 'persons', id: 9, field: 'phone', reason: '入户走访核实' })
  expect(useReveal().valueOf(request)).toBe('13800001234')
  expect(useWorkspace().open.dialog).toBeUndefined()
  useReveal().forget()
  expect(useReveal().valueOf(request)).toBeNull()
})

describe('reporting', () => {
  it('pins the place chosen', async () => {
    port.picked = { lon: 120, lat: 30 }
    expect(await choosePlace(port)).toEqual({ lon: 120, lat: 30 })
    expect(port.orders.at(-1)).toEqual(['marker', { lon: 120, lat: 30 }])
  })

  it('pins nothing when it was given up', async () => {
    expect(await choosePlace(port)).toBeNull()
    expect(port.orders.map(([name]) => name)).toEqual(['pickPoint'])
  })

  it('sends the report with its key, takes the pin away and selects the incident', async () => {
    answers['/api/incidents'] = { id: 11, code: null, state: 'reported', due_at: null, joined: false }
    await fileReport(port, REPORT, 'a'.repeat(32), null)
    expect(sent[0]).toEqual({ method: 'POST', path: '/api/incidents', body: reportBody(REPORT) })
    expect(port.orders).toContainEqual(['marker', null])
    expect(useSelection().selected).toEqual({ layer: 'incidents', id: 11 })
  })

  it('joins a case', async () => {
    answers['/api/incidents/9/reports'] = { id: 9, code: null, state: 'reported', due_at: null, joined: true }
    await fileReport(port, REPORT, 'a'.repeat(32), 9)
    expect(sent[0]?.path).toBe('/api/incidents/9/reports')
    expect(useSelection().selected).toEqual({ layer: 'incidents', id: 9 })
  })
})

describe('editing', () => {
  it('names the version read', async () => {
    await saveChanges(port, 'buildings', FEATURE, { name: '2幢' })
    expect(sent[0]).toMatchObject({ method: 'PATCH', path: '/api/layers/buildings/features/7' })
    expect(JSON.stringify(sent[0]?.body)).toContain('"row_version":3')
    expect(port.orders).toEqual([['refreshLayer', 'buildings']])
  })

  it('lets go of what was deleted', async () => {
    useSelection().select({ layer: 'buildings', id: 7 })
    await removeFeature(port, 'buildings', FEATURE)
    expect(sent[0]).toMatchObject({ method: 'DELETE', path: '/api/layers/buildings/features/7?row_version=3' })
    expect(useSelection().selected).toBeNull()
  })
})
