import { describe, expect, it } from 'vitest'
import { DRAWN, faultsByField, fieldsOf, inputsOf, intervalOf, POLYGON_SOURCES, usualValues } from './form'
import type { FormValues } from './form'
import type { InputDeclaration, InputSchema, Process } from './process'

const BASE = 'https://city.example/ogc'
const NOW = new Date('2026-10-15T17:00:00Z')
const SQUARE = { type: 'Polygon', coordinates: [[[1, 1], [2, 1], [2, 2], [1, 1]]] }

const input = (schema: InputSchema, minOccurs = 0): InputDeclaration => ({ title: 'T', minOccurs, schema })
const isLayerName = (name: string) => ['buildings', 'incidents'].includes(name)

const PROCESS: Process = {
  id: 'p',
  title: 'P',
  description: '',
  outputs: {},
  inputs: {
    area: input({ type: 'string', format: 'area-code' }),
    layer: input({ type: 'string', enum: ['buildings', 'incidents'] }, 1),
    level: input({ type: 'string', enum: ['street', 'grid'], default: 'street' }),
    radius: input({ type: 'number', minimum: 1, maximum: 5000, default: 60 }),
    limit: input({ type: 'integer' }),
    hidden: input({ type: 'boolean', default: true }),
    name: input({ type: 'string', maxLength: 60 }),
    weight: input({ type: 'string', format: 'numeric-property' }),
    bbox: input({ type: 'array', format: 'ogc-bbox' }),
    polygons: input({ type: 'object', format: 'geojson-feature-collection', properties: { type: { enum: ['Polygon', 'Feature'] } } }, 1),
    place: input({ type: 'object', format: 'place' }),
    where: input({ type: 'object', format: 'conditions' }),
    rules: input({ type: 'array' }),
    having: input({ type: 'array', format: 'layer-conditions' }),
    first: input({ type: 'string', format: 'interval' }, 1),
    second: input({ type: 'string', format: 'interval' }, 1),
    datetime: input({ type: 'string', format: 'interval' }),
  },
}
const FIELDS = fieldsOf(PROCESS, isLayerName)
const USUAL = usualValues(FIELDS, NOW)

const sent = (change: Partial<FormValues>) => inputsOf(FIELDS, { ...USUAL, ...change }, BASE)

describe('the fields of a form', () => {
  it('are asked with what suits their schema', () => {
    expect(Object.fromEntries(FIELDS.map(({ name, kind }) => [name, kind]))).toEqual({
      area: 'area', layer: 'layer', level: 'choice', radius: 'number', limit: 'number', hidden: 'switch', name: 'text',
      weight: 'weight', bbox: 'box', polygons: 'polygons', place: 'place', where: 'conditions', rules: 'json', having: 'rules',
      first: 'interval', second: 'interval', datetime: 'interval',
    })
  })

  it('begin with those that must be filled in', () => {
    expect(FIELDS.slice(0, 5).map(({ name, isRequired }) => [name, isRequired])).toEqual([
      ['layer', true], ['polygons', true], ['first', true], ['second', true], ['area', false],
    ])
  })
})

describe('what a form begins with', () => {
  it('are the usual values of the server', () => {
    expect(USUAL.texts).toMatchObject({ level: 'street', radius: '60', layer: '', area: '' })
    expect(USUAL.switches).toEqual({ hidden: true })
  })

  it('is the last thirty days in China of the last time that is needed, those before of the one before', () => {
    expect(USUAL.days).toEqual({
      first: { from: '2026-08-18', to: '2026-09-16' },
      second: { from: '2026-09-17', to: '2026-10-16' },
      datetime: { from: '', to: '' },
    })
  })
})

describe('what is sent', () => {
  it('leaves out what is empty', () => {
    expect(sent({}).inputs).toEqual({
      level: 'street', radius: 60, hidden: true,
      polygons: { href: BASE + POLYGON_SOURCES.grids },
      first: '2026-08-18T00:00:00+08:00/2026-09-17T00:00:00+08:00',
      second: '2026-09-17T00:00:00+08:00/2026-10-17T00:00:00+08:00',
    })
  })

  it('is what was filled in, each in its own form', () => {
    const { inputs, faults } = sent({
      texts: { ...USUAL.texts, layer: 'buildings', radius: ' 0.5 ', area: '990101', rules: '[{"field":"name"}]' },
      switches: { hidden: false },
      boxes: { bbox: [1, 2, 3, 4] },
      polygons: { polygons: { source: DRAWN, drawn: [SQUARE] } },
      places: { place: { layer: 'buildings', ids: [7] } },
      rules: { having: [{ field: 'name' }, { field: 'use', in: [] }, { field: 'levels', minimum: 3 }] },
      conditions: { where: { use: ['11', '12'], state: [] } },
    })
    expect(faults).toEqual([])
    expect(inputs).toMatchObject({
      layer: 'buildings', radius: 0.5, area: '990101', rules: [{ field: 'name' }], hidden: false, bbox: [1, 2, 3, 4],
      polygons: { type: 'FeatureCollection', features: [{ type: 'Feature', geometry: SQUARE, properties: { number: 1 } }] },
      place: { layer: 'buildings', ids: [7] }, where: { use: ['11', '12'] },
      having: [{ field: 'levels', minimum: 3 }],
    })
    expect(inputs.where).not.toHaveProperty('state')
  })

  it('is no polygon where none was drawn, and a number that is none as it was typed', () => {
    const { inputs } = sent({ texts: { radius: 'wide' }, polygons: { polygons: { source: DRAWN, drawn: [] } } })
    expect(inputs).not.toHaveProperty('polygons')
    expect(inputs.radius).toBe('wide')
  })

  it('is found wrong where it is no JSON', () => {
    expect(sent({ texts: { rules: '[{' } }).faults).toEqual([{ field: 'rules', reason: 'JSON expected' }])
  })
})

it.each([
  [{ from: '', to: '' }, undefined],
  [{ from: '2026-12-31', to: '2026-12-31' }, '2026-12-31T00:00:00+08:00/2027-01-01T00:00:00+08:00'],
  [{ from: '2026-12-31', to: '' }, '2026-12-31T00:00:00+08:00/..'],
  [{ from: '', to: '2026-12-31' }, '../2027-01-01T00:00:00+08:00'],
])('days %o are sent as %s', (days, interval) => {
  expect(intervalOf(days)).toBe(interval)
})

describe('what the server found wrong', () => {
  it('is told at the field, the first of each, all else for the whole', () => {
    const faults = [
      { field: 'polygons.features.0', reason: 'a' }, { field: 'polygons.features.1', reason: 'b' },
      { field: 'radius', reason: 'c' }, { field: 'unheard', reason: 'd' },
    ]
    const { byField, others } = faultsByField(FIELDS, faults, 'inputs: radius: c')
    expect([...byField]).toEqual([['polygons', 'a'], ['radius', 'c']])
    expect(others).toEqual(['d'])
  })

  it('is of the field that its words begin with where there are no faults', () => {
    expect([...faultsByField(FIELDS, [], 'first: start/end expected, both of them').byField]).toEqual([
      ['first', 'start/end expected, both of them'],
    ])
    expect(faultsByField(FIELDS, [], 'the body is not a JSON object')).toEqual({ byField: new Map(), others: [] })
  })
})

describe('a form of places and several numbers', () => {
  const fields = fieldsOf({
    ...PROCESS,
    inputs: {
      facilities: input({ type: 'object', format: 'geojson-feature-collection', properties: { type: { enum: ['Point', 'Polygon'] } } }, 1),
      limits: input({ type: 'array', items: { type: 'number' }, default: [5, 10, 15] }),
    },
  }, isLayerName)
  const usual = usualValues(fields, NOW)

  it('sends places as an address, and nothing while none are chosen', () => {
    expect(fields.map(({ kind }) => kind)).toEqual(['features', 'numbers'])
    expect(inputsOf(fields, usual, BASE).inputs).toEqual({ limits: [5, 10, 15] })
    const features = { facilities: { layer: 'facilities', rules: [{ field: 'kind', in: ['A'] }] } }
    expect(inputsOf(fields, { ...usual, features }, BASE).inputs.facilities).toEqual({
      href: `${BASE}/collections/facilities/items?filter=%22kind%22%20IN%20('A')`,
    })
  })

  it('reads numbers as they are written in either language', () => {
    const limits = (text: string) => inputsOf(fields, { ...usual, texts: { limits: text } }, BASE).inputs.limits
    expect(limits('3、 6，9; 12')).toEqual([3, 6, 9, 12])
    expect(limits('3 or 6')).toEqual([3, 'or', 6])
    expect(limits(' ')).toBeUndefined()
  })
})
