import { describe, expect, it } from 'vitest'
import { LAYERS } from '../generated/layers'
import { isAsked } from './form'
import type { Household } from './people'
import { given, nextHousehold, personSections, presentHouseholds, stayFields } from './registration'

const layerOf = (name: string) => LAYERS.find((layer) => layer.name === name) ?? LAYERS[0]!
const household = (number: string | null, to: string | null = null): Household => ({
  household: number,
  members: [
    {
      person_id: 1,
      name: '张*',
      id_number: null,
      phone: null,
      sex: null,
      age: null,
      relation: null,
      register: null,
      kind: null,
      from: null,
      to,
      rented_room: null,
      bed: null,
      residence_id: 1,
      row_version: 1,
    },
  ],
})

describe('the form of a new resident', () => {
  const fields = personSections(layerOf('persons')).flatMap((section) => section.fields)

  it('asks for the person first and never for what the database sets', () => {
    expect(fields[0]?.name).toBe('name')
    expect(fields.map((field) => field.name)).not.toContain('merged_into')
    expect(fields.map((field) => field.name)).not.toContain('valid_to')
  })

  it('asks for what belongs to a register only with it', () => {
    const asked = (register: string) => fields.filter((field) => isAsked(field, { register })).map((field) => field.name)
    expect(asked('POP-02')).toContain('inflow_reason')
    expect(asked('POP-02')).not.toContain('nationality')
    expect(asked('POP-03')).toContain('departure_date')
    expect(asked('POP-04')).toContain('not_registered_reason')
    expect(asked('POP-01')).not.toContain('permit_expires')
  })

  it('asks how the person lives there, and since when', () => {
    expect(stayFields(layerOf('residences')).map((field) => field.name)).toEqual(['kind', 'valid_from', 'relation', 'rented_room', 'bed'])
  })

  it('sends what is given, trimmed', () => {
    expect(given(fields, { name: ' 王五 ', phone: '', sex: null, code: 'x' })).toEqual({ name: '王五' })
  })
})

describe('households', () => {
  it('are present while somebody lives there', () => {
    const here = household('H1')
    expect(presentHouseholds([here, household('H2', '2026-01-01')])).toEqual([here])
  })

  it('get a number that none has', () => {
    expect(nextHousehold(7, [])).toBe('H000000007')
    expect(nextHousehold(7, [household('H000000007')])).toBe('H000000007-2')
    expect(nextHousehold(7, [household('H000000007'), household('H000000007-2')])).toBe('H000000007-3')
  })
})
