import { describe, expect, it } from 'vitest'
import { entriesOf } from './entries'

const home = { building_id: 1, dwelling_id: 2, title: '1幢201', lon: 121, lat: 31 }
const item = { id: 3, title: '阳光花园', subtitle: null, lon: 121, lat: 31 }

describe('entriesOf', () => {
  it('numbers all entries in one running order, homes before layers', () => {
    const sections = entriesOf({ places: [], homes: [home], groups: [{ layer: 'compounds', items: [item, item] }] })
    expect(sections.map((each) => each.key)).toEqual(['homes', 'compounds'])
    expect(sections.flatMap((each) => each.entries.map((entry) => entry.index))).toEqual([0, 1, 2])
  })
  it('leaves out what holds nothing', () => {
    expect(entriesOf({ places: [], homes: [], groups: [{ layer: 'roads', items: [] }] })).toEqual([])
  })
})
