import { describe, expect, it } from 'vitest'
import { classColour, classesOf, classLook, columnsOf, figuresOf, MOST_SHAPES, rowsBy, shapesOf, usualFigure } from './result'
import type { ResultFeature } from './result'

const POINT = { type: 'Point', coordinates: [1, 2] }
const feature = (properties: Record<string, unknown>, geometry: ResultFeature['geometry'] = POINT): ResultFeature => ({ geometry, properties })

const GRIDS = [
  feature({ code: '03', name: '三', share: 0.5, cameras: 2, row_version: 1, note: null, more: [1] }),
  feature({ code: '01', name: '一', share: 0.1, cameras: 9, row_version: 1, note: null, more: [] }),
  feature({ code: '02', name: '二', share: null, cameras: 4, row_version: 1, note: null, more: [] }, null),
  feature({ kind: 'seen', cameras: 15 }),
]

describe('what is reached within limits', () => {
  it('is darkest where it is reached first', () => {
    expect([0, 1, 2].map((place) => classLook('limit', place, 3))).toEqual([0, 1, 2].map((place) => classLook('count', place, 3)).toReversed())
    expect(classLook('limit', 0, 1)).toBe(classLook('count', 0, 1))
  })
})

describe('the table of a result', () => {
  it('has names first and nothing that is empty or no plain value', () => {
    expect(columnsOf(GRIDS)).toEqual(['name', 'code', 'share', 'cameras'])
  })

  it('knows which columns count or measure, and the one to colour by', () => {
    const features = [feature({ id: 7, building_id: 3, area_code: 9, number: 1, count: 4, name: 'a' })]
    expect(figuresOf(features, columnsOf(features))).toEqual(['count'])
    expect(usualFigure(figuresOf(GRIDS, columnsOf(GRIDS)))).toBe('share')
    expect(usualFigure(['levels'])).toBe('')
  })

  it('is sorted by a column, what does not know it last', () => {
    const places = (column: string, descending: boolean) => rowsBy(GRIDS, column, descending).map(({ index }) => index)
    expect(places('share', true)).toEqual([0, 1, 2, 3])
    expect(places('share', false)).toEqual([1, 0, 2, 3])
    expect(places('code', false)).toEqual([1, 2, 0, 3])
    expect(places('', true)).toEqual([0, 1, 2, 3])
  })
})

describe('the shapes of a result', () => {
  it('are in five classes of their figure', () => {
    const features = Array.from({ length: 10 }, (_, count) => feature({ count }))
    expect(classesOf(features, 'count')).toEqual([0, 2, 4, 6, 8])
    const shapes = shapesOf(features, 'count')
    expect([...shapes.keys()]).toEqual(['step1', 'step2', 'step3', 'step4', 'step5'])
    expect(shapes.get('step5')?.map(({ properties }) => properties?.index)).toEqual([8, 9])
  })

  it('stand beside the classes without the figure, and are left out without a geometry', () => {
    const shapes = shapesOf([...GRIDS, feature({ share: null })], 'share')
    const places = Object.fromEntries([...shapes].map(([look, found]) => [look, found.map(({ properties }) => properties?.index)]))
    expect(places).toEqual({ step5: [0], step1: [1], beside: [3], hidden: [4] })
  })

  it('have the same classes for every change, less and more apart', () => {
    const features = [-0.9, -0.2, 0, 0.3, 2, null].map((change) => feature({ change }))
    expect([...shapesOf(features, 'change').keys()]).toEqual(['fall2', 'fall1', 'same', 'rise1', 'rise2', 'hidden'])
    expect(classColour('light', classLook('change', 0, 5))).not.toBe(classColour('light', classLook('count', 0, 5)))
    expect(classColour('dark', 'hidden')).not.toBe(classColour('dark', 'step1'))
  })

  it('look alike without a figure, and are no more than can be drawn', () => {
    const shapes = shapesOf(Array.from({ length: MOST_SHAPES + 1 }, () => feature({ name: 'a' })), '')
    expect([...shapes.keys()]).toEqual(['result'])
    expect(shapes.get('result')).toHaveLength(MOST_SHAPES)
  })
})
