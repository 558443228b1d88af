import { describe, expect, it } from 'vitest'
import { classesOf, classOf, HOUSE_LOOKS, tenureTone } from './houseLook'

const room = { id: 1, tenure: null, usage: null, state: null, next_inspection: null }
const TODAY = '2026-11-20'

describe('classOf', () => {
  it.each([
    ['tenure', { tenure: 'T3' }, 'rented'],
    ['tenure', { tenure: 'T6' }, 'other'],
    ['usage', { usage: 'U2' }, 'shared'],
    ['usage', { usage: 'U5' }, 'business'],
    ['state', { state: 'open' }, 'open'],
    ['state', { state: 'unheard of' }, 'none'],
    ['inspection', { next_inspection: '2026-11-19' }, 'overdue'],
    ['inspection', { next_inspection: '2026-11-20' }, 'soon'],
    ['inspection', { next_inspection: '2026-11-27' }, 'soon'],
    ['inspection', { next_inspection: '2026-11-28' }, 'later'],
  ] as const)('%s of %j is %s', (look, values, key) => {
    expect(classOf(look, { ...room, ...values }, TODAY).key).toBe(key)
  })

  it('tells rooms in care by what is known of them, which is not in the room', () => {
    const cared = (overdue: boolean) => new Map([[1, { dwelling_id: 1, persons: 1, care_groups: ['CARE-01'], overdue }]])
    expect(classOf('care', room, TODAY, cared(true)).key).toBe('overdue')
    expect(classOf('care', room, TODAY, cared(false)).key).toBe('cared')
    expect(classOf('care', { ...room, id: 2 }, TODAY, cared(true)).key).toBe('none')
  })

  it('knows nothing of a room without values, and lists each class once', () => {
    for (const look of HOUSE_LOOKS) {
      expect(classOf(look, room, TODAY)).toEqual({ key: 'none', tone: 'none' })
      const keys = classesOf(look).map((each) => each.key)
      expect(new Set(keys).size).toBe(keys.length)
    }
  })
})

it('has a tone for every tenure', () => {
  expect([null, '', 'T2', 'T3', 'T5', 'T4'].map(tenureTone)).toEqual([
    'none', 'none', 'self', 'rented', 'vacant', 'other',
  ])
})
