import { expect, it } from 'vitest'
import { LAYERS } from '../../generated/layers'
import { reportFields } from './reportFields'

it('asks what is required and the place first, the rest on demand', () => {
  const incidents = LAYERS.find((layer) => layer.name === 'incidents')
  if (!incidents) throw new Error('no incidents in the catalogue')
  const { first, more } = reportFields(incidents)
  expect(first.map((field) => field.name)).toEqual(['category', 'description', 'place', 'report_source'])
  expect(more.map((field) => field.name)).not.toContain('reported_at')
  expect([...first, ...more].some((field) => field.read_only)).toBe(false)
})
