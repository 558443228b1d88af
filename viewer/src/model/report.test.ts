import { expect, it } from 'vitest'
import { joinBody, reportBody } from './report'
import { newRequestKey } from './requestKey'
import type { Report } from './report'

const REPORT: Report = {
  place: { lon: 120.5, lat: 30.25 },
  values: { category: 'UM-0110', description: '垃圾', report_source: 'SRC02' },
  condition: 'UM-0110#1',
  reporters: [
    { name: ' 王先生 ', phone: '' },
    { name: '', phone: ' ' },
  ],
  photos: [],
  seen: [7],
}

it('sends only what is known of who told', () => {
  expect(reportBody(REPORT)).toEqual({
    category: 'UM-0110',
    description: '垃圾',
    report_source: 'SRC02',
    lon: 120.5,
    lat: 30.25,
    condition: 'UM-0110#1',
    reporters: [{ name: '王先生' }],
    seen: [7],
  })
})

it('leaves the condition to the office when none was chosen', () => {
  expect(reportBody({ ...REPORT, condition: null })).not.toHaveProperty('condition')
})

it('adds to a case what the report says, not what the case is', () => {
  expect(joinBody(REPORT)).toEqual({ report_source: 'SRC02', description: '垃圾', reporters: [{ name: '王先生' }] })
})

it('makes keys that the server takes and that differ', () => {
  const keys = new Set(Array.from({ length: 50 }, newRequestKey))
  expect(keys.size).toBe(50)
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{32}$/)
})
