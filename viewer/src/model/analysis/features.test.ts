import { describe, expect, it } from 'vitest'
import { featuresAddress, filterOf } from './features'

describe('features chosen for an analysis', () => {
  it('are an address below the OGC APIs', () => {
    expect(featuresAddress({ layer: '', rules: [] }, '/ogc')).toBeUndefined()
    expect(featuresAddress({ layer: 'facilities', rules: [] }, 'https://map/ogc')).toBe('https://map/ogc/collections/facilities/items')
    const address = featuresAddress({ layer: 'facilities', rules: [{ field: 'kind', in: ['school', "o'clock"] }] }, '/ogc') ?? ''
    expect(new URL(address, 'https://map').searchParams.get('filter')).toBe(`"kind" IN ('school', 'o''clock')`)
  })

  it('are filtered in CQL2', () => {
    expect(filterOf([{ field: 'name' }, { field: 'kind', in: [] }])).toBe('')
    expect(filterOf([{ field: 'levels', minimum: 3, maximum: 9 }, { field: 'name', contains: '50%_\\' }])).toBe(
      `"levels" >= 3 AND "levels" <= 9 AND "name" LIKE '%50\\%\\_\\\\%'`,
    )
    expect(filterOf([{ field: 'built', minimum: '2020-01-01' }, { field: 'told', maximum: '2026-01-01T00:00:00Z' }])).toBe(
      `"built" >= DATE('2020-01-01') AND "told" <= TIMESTAMP('2026-01-01T00:00:00Z')`,
    )
    expect(filterOf([{ field: 'a', is: false }, { field: 'b', empty: true }, { field: 'c', empty: false }, { field: 'd', begins: '第' }])).toBe(
      `"a" = FALSE AND "b" IS NULL AND "c" IS NOT NULL AND "d" LIKE '第%'`,
    )
  })
})
