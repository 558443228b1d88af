import { expect, it, vi } from 'vitest'
import type { ResultFeature } from '../model/analysis/result'
import { RecordingMapPort } from './recordingMapPort'
import { chooseInResult, clearResult, goToResult, paintResult } from './showResult'

const square = (west: number, share: number | null): ResultFeature => ({
  geometry: { type: 'Polygon', coordinates: [[[west, 1], [west + 1, 1], [west + 1, 2], [west, 1]]] },
  properties: { share },
})
const FEATURES = [square(1, 0.2), square(5, null)]

const owners = (port: RecordingMapPort) =>
  port.orders.flatMap(([name, given]) => (name === 'shapes' && (given as unknown[])[1] ? [(given as unknown[])[0]] : []))

it('paints a result by its classes and takes all of it away', () => {
  const port = new RecordingMapPort()
  const click = vi.fn()
  paintResult(port, FEATURES, 'share', click)
  expect(owners(port)).toEqual(['analysis-hidden', 'analysis-step5'])
  const [, given] = port.orders.find(([, shapes]) => (shapes as unknown[])[0] === 'analysis-step5') ?? []
  const [, { features }, , onClick] = given as [string, { features: object[] }, string, (shape: object) => void]
  onClick(features[0] ?? {})
  expect(click).toHaveBeenCalledWith(0)
  port.orders.length = 0
  clearResult(port)
  expect(owners(port)).toEqual([])
  expect(port.orders.map(([, shapes]) => (shapes as unknown[])[0])).toEqual(
    expect.arrayContaining(['analysis-hidden', 'analysis-step5', 'analysis-chosen']),
  )
})

it('goes to the whole result, or to one feature whose borders it marks', () => {
  const port = new RecordingMapPort()
  goToResult(port, FEATURES)
  expect(port.orders).toEqual([['fitBounds', [0.5, 0.9, 6.5, 2.1]]])
  port.orders.length = 0
  chooseInResult(port, FEATURES[0] ?? null, true)
  expect(port.orders).toMatchObject([
    ['shapes', ['analysis-chosen', { features: [{ geometry: { type: 'MultiLineString' } }] }, 'zone']],
    ['fitBounds', [0, 0, 3, 3]],
  ])
  port.orders.length = 0
  goToResult(port, [{ geometry: null, properties: {} }])
  expect(port.orders).toEqual([])
})
