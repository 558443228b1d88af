import { describe, expect, it } from 'vitest'
import type { LayerName } from '../generated/layers'
import { parseLiveMessage } from './liveMessage'

const isKnown = (name: string): name is LayerName => name === 'buildings'
const parse = (data: string) => parseLiveMessage(data, isKnown)

describe('parseLiveMessage', () => {
  it('reads one change', () => {
    expect(parse('{"layer":"buildings","id":7,"action":"update"}')).toEqual({
      layer: 'buildings',
      id: 7,
      action: 'update',
    })
  })

  it('reads steps of proposals, which are no layer', () => {
    expect(parse('{"layer":"proposals","id":3,"action":"update"}')).toEqual({ layer: 'proposals', id: 3, action: 'update' })
  })

  it('reads bulk work', () => {
    expect(parse('{"layer":"buildings","all":true}')).toEqual({ layer: 'buildings', id: null, action: 'all' })
  })

  it('reads that lines were lost', () => {
    expect(parse('{"reset":true}')).toBe('reset')
  })

  it.each([
    'not json',
    'null',
    '[]',
    '{}',
    '{"reset":1}',
    '{"layer":"castles","all":true}',
    '{"layer":"buildings"}',
    '{"layer":"buildings","id":"7","action":"update"}',
    '{"layer":"buildings","id":7,"action":"paint"}',
  ])('ignores %s', (data) => {
    expect(parse(data)).toBeNull()
  })
})
