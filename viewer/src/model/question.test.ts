import { describe, expect, it } from 'vitest'
import { LAYERS } from '../generated/layers'
import { EMPTY_DRAFT, askable, conditionFields, draftOf, isFilled, isReach, metresOf, narrowed, peopleCounts, questionOf, reachOf, suits } from './question'
import { questionParameter } from './url/question'

const SUBJECT = { center: [121.5, 31.2], radius: 300 } as const

describe('a question', () => {
  it('needs a place, and a distance unless it asks what lies within', () => {
    expect(questionOf(EMPTY_DRAFT)).toBeNull()
    const near = { ...EMPTY_DRAFT, relation: 'near', subject: SUBJECT } as const
    expect(questionOf({ ...near, metres: 0 })).toBeNull()
    expect(questionOf(near)).toEqual({ layer: 'buildings', relation: 'near', metres: 200, subject: SUBJECT, conditions: [] })
    expect(questionOf({ ...near, relation: 'within' })).toHaveProperty('part', 'centre')
  })

  it('leaves out conditions that say nothing yet', () => {
    const conditions = [{ field: 'usage' }, { field: 'usage', in: [] }, { field: 'levels', minimum: 7 }]
    expect(conditions.map(isFilled)).toEqual([false, false, true])
    const asked = questionOf({ ...EMPTY_DRAFT, subject: SUBJECT, conditions })
    expect(asked?.conditions).toEqual([{ field: 'levels', minimum: 7 }])
  })

  it('comes back from the address bar and as a draft', () => {
    const asked = questionOf({ ...EMPTY_DRAFT, subject: SUBJECT, conditions: [{ field: 'name', contains: '花园' }] })
    const text = questionParameter.write(asked)
    expect(text).toMatch(/^[\w-]+$/)
    expect(questionParameter.read(text ?? '')).toEqual(asked)
    expect(asked && questionOf(draftOf(asked))).toEqual(asked)
    expect(questionParameter.read('!!')).toBeNull()
    expect(questionParameter.read(btoa('[1]'))).toBeNull()
  })
})

describe('what can be asked', () => {
  it('is every layer with a place', () => {
    const names = askable(LAYERS).map(({ name }) => name)
    expect(names).toContain('persons')
    expect(names).not.toContain('staff')
  })

  it('is no sealed field', () => {
    const persons = LAYERS.find(({ name }) => name === 'persons')
    expect(persons && conditionFields(persons).map(({ name }) => name)).not.toContain('phone')
  })

  it('lies within areas, along lines and near anything', () => {
    expect(suits('within', 'MultiPolygon')).toBe(true)
    expect(suits('within', 'MultiLineString')).toBe(false)
    expect(suits('along', 'MultiLineString')).toBe(true)
    expect(suits('near', 'Point')).toBe(true)
    expect(suits('near', null)).toBe(false)
  })
})

describe('the width along a line', () => {
  const along = (reach: number) => ({ ...EMPTY_DRAFT, relation: 'along', metres: metresOf('along', reach), subject: SUBJECT }) as const

  it('is put to either side and sent as a whole', () => {
    expect(questionOf(along(60))).toHaveProperty('metres', 120)
    expect(reachOf(along(60))).toBe(60)
    expect(reachOf({ relation: 'near', metres: 60 })).toBe(60)
  })

  it('is refused beyond what can be asked', () => {
    expect([0, -1, 1, 1_000, 1_001].map((reach) => isReach(along(reach)))).toEqual([false, false, true, true, false])
    expect(questionOf(along(1_001))).toBeNull()
  })
})

describe('counts of people', () => {
  const asked = { layer: 'buildings', relation: 'within', subject: SUBJECT, conditions: [{ field: 'levels', minimum: 7 }] } as const

  it('are of the people in the buildings found', () => {
    const [register, age, kind] = peopleCounts(asked)
    expect(register?.question).toMatchObject({ layer: 'persons', conditions: [], building_conditions: asked.conditions })
    expect(age).toMatchObject({ by: 'birth_date', question: { layer: 'persons' } })
    expect(kind?.question).toMatchObject({ layer: 'residences', conditions: [{ field: 'valid_to', empty: true }] })
  })

  it('are left out where they would not be those of the list', () => {
    expect(peopleCounts({ ...asked, layer: 'roads' })).toEqual([])
    expect(peopleCounts({ ...asked, relation: 'near', subject: { layer: 'buildings', ids: [1] } })).toEqual([])
    const men = { ...asked, layer: 'persons', conditions: [{ field: 'sex', in: ['1'] }] } as const
    expect(peopleCounts(men).map(({ by }) => by)).toEqual(['register', 'birth_date'])
    expect(peopleCounts({ ...asked, layer: 'residences' }).map(({ by }) => by)).toEqual(['kind'])
  })

  it('narrow the question by one condition a field', () => {
    const once = narrowed(asked, { field: 'levels', minimum: 9 })
    expect(once.conditions).toEqual([{ field: 'levels', minimum: 9 }])
  })
})
