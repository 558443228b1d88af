import { getFeature } from '../api/features'
import type { LayerName } from '../generated/layers'
import { boundsOf, centreOf, grown } from '../model/bounds'
import type { Geometry } from '../model/bounds'
import type { LonLat } from '../model/geography'
import type { MapPort } from '../model/mapPort'
import { isSeenFromItsCentre, zoomOf } from '../model/zoom'
import { useCatalogue } from '../stores/catalogue'
import { useLayers } from '../stores/layers'
import { useSelection } from '../stores/selection'
import { panelsSettled } from './settle'

const MARGIN = 0.15

/** Moves the camera so that the geometry is seen; nothing happens for a feature without one. */
export function frame(port: MapPort, layer: LayerName, geometry: Geometry | null): void {
  const bounds = boundsOf(geometry)
  if (!bounds) return
  const declaration = useCatalogue().layer(layer)
  if (layer === 'buildings' || isSeenFromItsCentre(declaration))
    port.flyTo({ ...centreOf(bounds), zoom: zoomOf(declaration) })
  else port.fitBounds(grown(bounds, MARGIN))
}

/** Selects a feature, makes its layer visible and goes there. */
export async function showFeature(
  port: MapPort,
  layer: LayerName,
  id: number,
  place: LonLat | null,
): Promise<void> {
  const declaration = useCatalogue().layer(layer)
  if (declaration.geometry) useLayers().setVisible([layer], true)
  useSelection().select({ layer, id })
  await panelsSettled()
  if (place && (layer === 'buildings' || isSeenFromItsCentre(declaration))) {
    port.flyTo({ ...place, zoom: zoomOf(declaration) })
    return
  }
  try {
    frame(port, layer, (await getFeature(layer, id)).geometry)
  } catch {
    // The panel of the feature tells why it cannot be read; the camera can still go to the place.
    if (place) port.flyTo(place)
  }
}
