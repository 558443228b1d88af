import { describe, expect, it } from 'vitest'
import { layersParameter } from './layers'
import { readUrlState, writeUrlState } from './state'
import type { UrlState } from './state'

const EMPTY: UrlState = {
  view: null,
  mode: '2d',
  layers: layersParameter.fallback,
  heat: null,
  selected: null,
  dwelling: null,
  person: null,
  question: null,
  colour: 'usage',
  floor: null,
  isSpread: false,
  plan: null,
  replay: null,
  tab: null,
}

describe('the state in the URL', () => {
  it('is empty when nothing differs from the start', () => {
    expect(writeUrlState('', EMPTY)).toBe('')
    expect(readUrlState('')).toEqual(EMPTY)
  })

  it('comes back as it was written', () => {
    const state: UrlState = {
      view: { lon: 121.412345, lat: 31.123457, zoom: 16.25, bearing: -20, pitch: 55 },
      mode: '3d',
      layers: ['roads'],
      heat: null,
      selected: { layer: 'buildings', id: 17 },
      dwelling: 301,
      person: 9,
      question: null,
      colour: 'rentals',
      floor: -1,
      isSpread: true,
      plan: 3,
      replay: { day: '2026-11-20', objects: [{ kind: 'staff', id: 12 }, { kind: 'vehicle', id: 3 }], second: 36_000, speed: 60 },
      tab: 'house',
    }
    const search = writeUrlState('', state)
    expect(search).toBe(
      '?view=121.412345,31.123457,16.25,-20,55&mode=3d&layers=roads&selected=buildings.17&dwelling=301&person=9&colour=rentals&floor=-1&spread=1&plan=3&replay=2026-11-20_s12.v3_36000_60&tab=house',
    )
    expect(readUrlState(search)).toEqual(state)
  })

  it('leaves parameters of others alone', () => {
    expect(writeUrlState('?source=wall&mode=3d', EMPTY)).toBe('?source=wall')
  })

  it('keeps an empty set of layers apart from the set at the start', () => {
    const search = writeUrlState('', { ...EMPTY, layers: [] })
    expect(search).toBe('?layers=none')
    expect(readUrlState(search).layers).toEqual([])
  })

  it.each([
    ['?view=121.4', 'too few numbers'],
    ['?view=1,2,3,4,5,6', 'too many numbers'],
    ['?view=a,b,c', 'no numbers'],
    ['?view=121.4,,12', 'a number missing'],
    ['?view=181,31,12', 'longitude out of range'],
    ['?view=121,89,12', 'latitude beyond Web Mercator'],
    ['?view=121,31,40', 'zoom out of range'],
    ['?mode=4d', 'unknown mode'],
    ['?selected=castles.3', 'unknown layer'],
    ['?selected=buildings.x', 'no id'],
    ['?selected=buildings.0', 'id is not positive'],
    ['?dwelling=-3', 'negative id'],
    ['?person=99999999999999999999', 'id beyond exact integers'],
    ['?colour=religion', 'unknown colouring'],
    ['?floor=0', 'there is no floor 0'],
    ['?floor=999', 'no house is that high'],
    ['?replay=2026-11-20_s1_90000_60', 'no day is that long'],
    ['?replay=2026-11-20_x1_0_60', 'nothing else moves'],
  ])('reads %s as nothing: %s', (search) => {
    expect(readUrlState(search)).toEqual(EMPTY)
  })

  it('drops layers it does not know', () => {
    expect(readUrlState('?layers=roads,castles').layers).toEqual(['roads'])
  })

  it('rounds what is finer than the screen', () => {
    const view = { lon: 1.23456789, lat: 2.3456789, zoom: 3.456789, bearing: 0.04, pitch: 0 }
    expect(writeUrlState('', { ...EMPTY, view })).toBe('?view=1.234568,2.345679,3.46')
  })
})
