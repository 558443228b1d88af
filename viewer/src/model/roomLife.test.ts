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

  it('marks where the room came from and what became of it, each opening the other room of that time', () => {
    const lines = [
      { kind: 'merge', on_day: '2023-05-01', dwelling_id: 7, other_id: 8, room: '102' },
      { kind: 'split', on_day: '2024-01-01', dwelling_id: 7, other_id: 9, room: '101乙' },
      { kind: 'renumber', on_day: '2022-03-03', dwelling_id: 7, other_id: null, room: '1-1' },
    ] as const
    const life = roomLife([], '2024-01-01', 7, lines)
    expect(life?.firstYear).toBe(2022)
    expect(life?.marks.map(({ kind, other, opensOn }) => [kind, other, opensOn])).toEqual([
      ['mergedFrom', 8, '2023-04-30'], ['splitInto', 9, null], ['renumbered', null, null],
    ])
    const others = [roomLife([], '2024-02-01', 8, lines.slice(0, 1)), roomLife([], '2024-02-01', 9, lines.slice(1, 2))]
    expect(others.map((each) => each?.marks.map(({ kind, other, opensOn }) => [kind, other, opensOn]))).toEqual([
      [['mergedInto', 7, '2023-05-01']], [['splitFrom', 7, '2023-12-31']],
    ])
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
