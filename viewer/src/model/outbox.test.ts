import { expect, it } from 'vitest'
import { isNotNow, keptReport, sentAnyway } from './outbox'
import type { Report } from './report'

const NOW = new Date('2026-11-20T02:00:00Z')
const REPORT: Report = {
  place: { lon: 117.59, lat: 33.2 },
  values: { category: 'UM-0110', description: '垃圾' },
  condition: null,
  reporters: [{ name: '王一' }],
  photos: [new Blob(['x'])],
  seen: [4],
}

it('tells of the time it was kept, or of that which was given', () => {
  expect(keptReport(REPORT, NOW).values.occurred_at).toBe('2026-11-20T02:00:00.000Z')
  const given = { ...REPORT, values: { ...REPORT.values, occurred_at: '2026-11-19T08:00:00+08:00' } }
  expect(keptReport(given, NOW).values.occurred_at).toBe('2026-11-19T08:00:00+08:00')
  expect(keptReport(REPORT, NOW).photos).toEqual(REPORT.photos)
})

it('counts the cases it was told of as seen once it is sent again', () => {
  const refusal = { status: 409, detail: '', similar: [4, 9] }
  const waiting = { key: 'k', account: '7', at: 0, report: REPORT, into: null, refusal }
  expect(sentAnyway(waiting)).toMatchObject({ refusal: null, report: { seen: [4, 9] } })
})

it('waits for what is no answer, and for nothing else', () => {
  expect([0, 502, 503, 504].every(isNotNow)).toBe(true)
  expect([400, 401, 403, 409, 413, 422, 429, 500].some(isNotNow)).toBe(false)
})
