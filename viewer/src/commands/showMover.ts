import type { LonLat } from '../model/geography'
import type { MapPort } from '../model/mapPort'
import { MOVING_LAYER } from '../model/patrol/movers'
import { useLayers } from '../stores/layers'
import { useMovers } from '../stores/movers'

const ZOOM = 16.5

/** Turns on where everybody is, chooses one of them and goes there. */
export function showMover(port: MapPort, key: string, place: LonLat): void {
  useLayers().setVisible([MOVING_LAYER], true)
  useMovers().choose(key)
  port.flyTo({ ...place, zoom: ZOOM })
}
