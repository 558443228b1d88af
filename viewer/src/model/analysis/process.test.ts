import { expect, it } from 'vitest'
import { fileNameOf, isMappable, tookOf } from './process'
import type { Job, Process } from './process'

const JOB: Job = {
  jobID: '1', processID: 'p', status: 'running', progress: 40, created: '2026-10-01T08:05:09.000Z', started: '2026-10-01T08:05:10.000Z',
}
const process = (schema: Process['outputs'][string]['schema']): Process => ({
  id: 'p', title: '', description: '', inputs: {}, outputs: { out: { title: '', schema } },
})
const FEATURES = process({ contentMediaType: 'application/geo+json' })
const RASTER = process({ oneOf: [{ contentMediaType: 'image/tiff; application=geotiff' }, { contentMediaType: 'application/json' }] })

it('shows features on the map and hands out rasters', () => {
  expect([isMappable(FEATURES), isMappable(RASTER)]).toEqual([true, false])
  expect(fileNameOf(JOB, FEATURES)).toBe('p-202610010805.geojson')
  expect(fileNameOf(JOB, RASTER)).toBe('p-202610010805.tif')
})

it('counts the time since a job began until it ended', () => {
  expect(tookOf({ ...JOB, started: undefined }, Date.parse(JOB.created))).toBe(0)
  expect(tookOf(JOB, Date.parse('2026-10-01T08:05:12Z'))).toBe(2_000)
  expect(tookOf({ ...JOB, finished: '2026-10-01T08:05:11.500Z' }, Infinity)).toBe(1_500)
})
