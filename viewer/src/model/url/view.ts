import type { CameraView } from '../geography'
import type { UrlParameter } from './parameter'

const round = (value: number, digits: number) => Number(value.toFixed(digits))

/** `view=lon,lat,zoom[,bearing,pitch]`, degrees and zoom level. */
export const viewParameter: UrlParameter<CameraView | null> = {
  name: 'view',
  fallback: null,
  read(text) {
    const parts = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)))
    if (parts.length < 3 || parts.length > 5 || !parts.every(Number.isFinite)) return null
    const [lon = 0, lat = 0, zoom = 0, bearing = 0, pitch = 0] = parts
    return { lon, lat, zoom, bearing, pitch }
  },
  write(view) {
    if (!view) return null
    const place = [round(view.lon, 6), round(view.lat, 6), round(view.zoom, 2)]
    const turn = [round(view.bearing, 1), round(view.pitch, 1)]
    return (turn.every((angle) => angle === 0) ? place : [...place, ...turn]).join(',')
  },
  check(view) {
    if (!view) return true
    return (
      Math.abs(view.lon) <= 180 &&
      Math.abs(view.lat) <= 85 &&
      view.zoom >= 0 &&
      view.zoom <= 24 &&
      view.pitch >= 0 &&
      view.pitch <= 85
    )
  },
}
