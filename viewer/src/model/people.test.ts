import { describe, expect, it } from 'vitest'
import { orderHouseholds, personNumberKind, splitHomes } from './people'
import type { Home, HouseholdMember } from './people'

const HOME: Home = {
  building_id: 1, dwelling_id: 2, address: null, unit: '1', floor: 1, room: '101', kind: null, lon: 0, lat: 0,
}
const MEMBER: HouseholdMember = {
  person_id: 1, name: '王*', id_number: null, phone: null, sex: null, age: null, relation: null,
  register: null, kind: null, from: null, to: null, rented_room: null, bed: null, residence_id: 1, row_version: 1,
}

describe('personNumberKind', () => {
  it.each([
    ['990101199003078515', 'id_number'],
    ['99010119900307851x', 'id_number'],
    ['990101900307851', 'id_number'],
    ['138 0000 1234', 'phone'],
    ['13800001234', 'phone'],
    ['021-64980000', 'phone'],
    ['12幢', null],
    ['1234', null],
    ['王小明', null],
  ])('%s is %s', (text, kind) => {
    expect(personNumberKind(text)).toBe(kind)
  })
})

it('puts current homes before former ones, the latest first', () => {
  const homes = [
    { ...HOME, dwelling_id: 1, from: '2001-01-01', to: '2010-01-01' },
    { ...HOME, dwelling_id: 2, from: '2010-01-01', to: '2020-01-01' },
    { ...HOME, dwelling_id: 3, from: '2020-01-01', to: null },
  ]
  const { current, former } = splitHomes(homes)
  expect(current.map((home) => home.dwelling_id)).toEqual([3])
  expect(former.map((home) => home.dwelling_id)).toEqual([2, 1])
})

it('puts households that moved out last', () => {
  const left = { household: 'a', members: [{ ...MEMBER, to: '2020-01-01' }] }
  const here = { household: 'b', members: [MEMBER] }
  expect(orderHouseholds([left, here]).map((each) => each.household)).toEqual(['b', 'a'])
})
