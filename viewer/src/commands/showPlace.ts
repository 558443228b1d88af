import type { LonLat } from '../model/geography'
import type { MapPort } from '../model/mapPort'
import { CLOSE_ZOOM } from '../model/zoom'

/** Pins a place and goes there; what is selected stays. */
export function showPlace(port: MapPort, { lon, lat }: LonLat): void {
  port.marker({ lon, lat })
  port.flyTo({ lon, lat, zoom: CLOSE_ZOOM })
}
