import { describe, expect, it } from 'vitest'
import {
  asked, changedValues, checkValues, formSections, initialValues, inputKind, sectionsOf, storedSecrets, tidy,
} from './form'
import type { FormField } from './form'

const title = { zh: '名称', en: 'Name' }
const field = (name: string, more: Partial<FormField> = {}): FormField => ({
  name, title, type: 'text', ...more,
})

const NAME = field('name', { required: true, max_length: 5 })
const LEVELS = field('levels', { type: 'integer', minimum: 1, maximum: 200 })
const HEIGHT = field('height', { type: 'number', minimum: 0 })
const USAGE = field('usage', { codes: 'building_use' })
const PHONE = field('phone', { sensitivity: 'contact', required: true })
const UPDATED = field('updated_at', { type: 'datetime', read_only: true })
const FIELDS = [NAME, LEVELS, HEIGHT, USAGE, PHONE, UPDATED]

it.each([
  [NAME, 'text'],
  [field('note', { max_length: 1000 }), 'longText'],
  [LEVELS, 'number'],
  [HEIGHT, 'number'],
  [field('estimated', { type: 'boolean' }), 'switch'],
  [field('born', { type: 'date' }), 'date'],
  [UPDATED, 'datetime'],
  [USAGE, 'codes'],
  [field('compound_id', { type: 'integer', reference: 'compounds' }), 'reference'],
  [PHONE, 'masked'],
  [field('found', { sensitivity: 'care', max_length: 1000 }), 'longText'],
] as const)('input of %o', (given, kind) => {
  expect(inputKind(given)).toBe(kind)
})

describe('sections', () => {
  const layer = { fields: FIELDS, form_groups: [{ title, fields: ['usage', 'name', 'gone'] }] }

  it('follow the groups, the rest last', () => {
    expect(sectionsOf(layer).map((section) => section.fields.map((each) => each.name))).toEqual([
      ['usage', 'name'],
      ['levels', 'height', 'phone', 'updated_at'],
    ])
  })

  it('of a form hold nothing read-only', () => {
    expect(formSections(layer).flatMap((section) => section.fields)).not.toContain(UPDATED)
  })

  it('that are empty are left out', () => {
    expect(formSections({ fields: [UPDATED], form_groups: [] })).toEqual([])
  })
})

describe('values', () => {
  it('start as the feature is, secrets empty', () => {
    expect(initialValues([NAME, LEVELS, PHONE], { name: '一号楼', phone: '138****0000' })).toEqual({
      name: '一号楼', levels: null, phone: null,
    })
  })

  it('are tidied', () => {
    expect([' a ', '  ', undefined, Number.NaN, 0, false].map(tidy)).toEqual(['a', null, null, null, 0, false])
  })

  it('that changed are found; an empty secret is untouched', () => {
    const before = { name: 'a', levels: 3, usage: 'B1', phone: null }
    const after = { name: ' a ', levels: 4, usage: '', phone: '' }
    expect(changedValues(FIELDS, before, after)).toEqual({ levels: 4, usage: null })
    expect(changedValues(FIELDS, before, { ...before, phone: '13800000000' })).toEqual({ phone: '13800000000' })
  })
})

describe('checkValues', () => {
  it('tells all faults at once', () => {
    const faults = checkValues(FIELDS, { name: '', levels: 0.5, height: -1, phone: '' })
    expect(faults.map((each) => [each.field, each.key])).toEqual([
      ['name', 'form.required'],
      ['levels', 'form.notInteger'],
      ['height', 'form.tooLow'],
      ['phone', 'form.required'],
    ])
  })

  it('names the range', () => {
    expect(checkValues([LEVELS], { levels: 201 })[0]).toMatchObject({
      key: 'form.outside', parameters: { minimum: 1, maximum: 200 },
    })
    expect(checkValues([NAME], { name: '一二三四五六' })[0]).toMatchObject({ key: 'form.tooLong' })
  })

  it('accepts zero, the bounds and what is not required', () => {
    expect(checkValues(FIELDS, { name: 'a', levels: 200, height: 0, phone: '1' })).toEqual([])
  })

  it('lets a stored secret stay', () => {
    const stored = storedSecrets(FIELDS, { phone: '138****0000' })
    expect(checkValues([PHONE], { phone: null }, stored)).toEqual([])
  })
})

describe('asked', () => {
  const fields: readonly FormField[] = [
    { name: 'a', title: { zh: '甲', en: 'A' }, type: 'text' },
    { name: 'b', title: { zh: '乙', en: 'B' }, type: 'date', when: { field: 'a', is: ['x'] } },
  ]

  it('takes the fields in the order asked, unconditionally', () => {
    expect(asked(fields, ['b', 'c', 'a'], ['b'])).toEqual([
      { name: 'b', title: { zh: '乙', en: 'B' }, type: 'date', required: true },
      fields[0],
    ])
  })
})
