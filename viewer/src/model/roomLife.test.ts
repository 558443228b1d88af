import { describe, expect, it } from 'vitest'
import type { Household, HouseholdMember } from './people'
import { roomLife } from './roomLife'

function member(person: number, from: string | null, to: string | null): HouseholdMember {
  return {
    person_id: person, name: '王*', id_number: null, phone: null, sex: null, age: null, relation: null,
    register: 'POP-01', kind: null, from, to, rented_room: null, bed: null, residence_id: person, row_version: 1,
  }
}

const of = (...members: HouseholdMember[]): readonly Household[] => [{ household: null, members }]

describe('roomLife', () => {
  it('lays stays on one axis from the first January to today', () => {
    const life = roomLife(of(member(1, '2020-01-01', '2022-01-01'), member(2, '2022-01-01', null)), '2024-01-01')
    expect(life?.firstYear).toBe(2020)
    expect(life?.stays.map((stay) => stay.person)).toEqual([2, 1])
    expect(life?.stays[0]?.end).toBe(1)
    expect(life?.stays[1]).toMatchObject({ start: 0 })
    expect(life?.stays[1]?.end).toBeCloseTo(0.5, 2)
    expect(life?.years.map(({ year }) => year)).toEqual([2020, 2021, 2022, 2023, 2024])
  })

  it('marks at most eight years of a long life, and keeps a stay without a beginning', () => {
    const life = roomLife(of(member(1, '1980-05-01', null), member(2, null, '1990-01-01')), '2024-06-01')
    expect(life?.years.length).toBeLessThanOrEqual(8)
    expect(life?.stays.find((stay) => stay.person === 2)?.start).toBe(0)
  })

  it('is nothing when no beginning is known', () => {
    expect(roomLife(of(member(1, null, null)), '2024-01-01')).toBeNull()
    expect(roomLife([], '2024-01-01')).toBeNull()
  })

  it('keeps shares within the axis when somebody moves in tomorrow', () => {
    const life = roomLife(of(member(1, '2024-01-02', null)), '2024-01-01')
    for (const { start, end } of life?.stays ?? []) expect(start).toBeLessThanOrEqual(end)
  })
})
