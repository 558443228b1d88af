import type { Map as MapLibreMap } from 'maplibre-gl'
import type { LayerName } from '../../generated/layers'
import type { Position } from '../../model/shape'
import { layerOfStyleLayer } from '../buildStyle'
import { linesOf, snapToLines } from './snap'
import type { Pixel } from './snap'

const REACH_PX = 12

/** Where the pointer is caught by what is drawn of some layers; null where nothing is within reach. */
export function caughtAt(map: MapLibreMap, pointer: Pixel, snapTo: readonly LayerName[]): Position | null {
  if (snapTo.length === 0) return null
  const names: readonly string[] = snapTo
  const layers = map.getLayersOrder().filter((id) => names.includes(layerOfStyleLayer(id) ?? ''))
  const { x, y } = pointer
  const near = map.queryRenderedFeatures([[x - REACH_PX, y - REACH_PX], [x + REACH_PX, y + REACH_PX]], { layers })
  const lines = near.flatMap(({ geometry }) => linesOf(geometry))
  return snapToLines(pointer, lines, ([lon, lat]) => map.project([lon, lat]), REACH_PX)
}
