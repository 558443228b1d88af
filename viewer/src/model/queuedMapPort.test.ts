import { describe, expect, it } from 'vitest'
import type { MapPort } from './mapPort'
import { QueuedMapPort } from './queuedMapPort'

const CIRCLE = { centre: { lon: 1, lat: 2 }, radius: 30 }

class RecordingPort implements MapPort {
  readonly orders: string[] = []
  flyTo: MapPort['flyTo'] = ({ lon, lat }) => void this.orders.push(`flyTo ${lon},${lat}`)
  fitBounds: MapPort['fitBounds'] = (bounds) => void this.orders.push(`fitBounds ${bounds.join()}`)
  highlight: MapPort['highlight'] = (target) => void this.orders.push(`highlight ${target?.layer}`)
  marker: MapPort['marker'] = () => void this.orders.push('marker')
  refreshLayer: MapPort['refreshLayer'] = (layer) => void this.orders.push(`refresh ${layer}`)
  cancelPick: MapPort['cancelPick'] = () => undefined
  cancelDraw: MapPort['cancelDraw'] = () => undefined
  shapes: MapPort['shapes'] = (owner, shapes, look) =>
    void this.orders.push(`shapes ${owner} ${shapes?.features.length} ${look}`)
  draw: MapPort['draw'] = (shape) =>
    Promise.resolve({ geometry: { type: 'Point', coordinates: [1, 2] }, circle: shape === 'circle' ? CIRCLE : null })
  edit: MapPort['edit'] = () => Promise.resolve({ replace: () => undefined, stop: () => void this.orders.push('stop') })
  handles: MapPort['handles'] = () => Promise.resolve({ replace: () => undefined, stop: () => void this.orders.push('let go') })
  pickPoint: MapPort['pickPoint'] = () => Promise.resolve({ lon: 1, lat: 2 })
  seen: MapPort['seen'] = () => Promise.resolve([1, 2, 3, 4])
}

describe('QueuedMapPort', () => {
  it('keeps orders until there is a map, in their order', () => {
    const queue = new QueuedMapPort()
    queue.flyTo({ lon: 1, lat: 2 })
    queue.refreshLayer('roads')
    const port = new RecordingPort()
    queue.attach(port)
    queue.marker(null)
    expect(port.orders).toEqual(['flyTo 1,2', 'refresh roads', 'marker'])
  })

  it('answers a pick asked for before the map stood', async () => {
    const queue = new QueuedMapPort()
    const place = queue.pickPoint()
    queue.attach(new RecordingPort())
    await expect(place).resolves.toEqual({ lon: 1, lat: 2 })
  })

  it('passes drawing, editing and shapes on, with all they were given', async () => {
    const queue = new QueuedMapPort()
    const drawn = queue.draw('circle')
    const editing = queue.edit({ features: [] }, { onChange: () => undefined })
    const handles = queue.handles([], { onDrag: () => undefined, onDrop: () => undefined, onRemove: () => undefined })
    queue.shapes('plan', { features: [] }, 'draft')
    const port = new RecordingPort()
    queue.attach(port)
    await expect(drawn).resolves.toMatchObject({ circle: CIRCLE })
    ;(await editing).stop()
    ;(await handles).stop()
    expect(port.orders).toEqual(['shapes plan 0 draft', 'stop', 'let go'])
  })

  it('gives nothing to a map that is gone', () => {
    const queue = new QueuedMapPort()
    const first = new RecordingPort()
    queue.attach(first)
    queue.detach()
    queue.fitBounds([1, 2, 3, 4])
    const second = new RecordingPort()
    queue.attach(second)
    expect(first.orders).toEqual([])
    expect(second.orders).toEqual(['fitBounds 1,2,3,4'])
  })
})
