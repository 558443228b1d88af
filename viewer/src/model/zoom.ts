import type { LayerDeclaration } from '../generated/layers'

/** How close the camera goes to a single point or building. */
export const CLOSE_ZOOM = 17.5

/** True if a place on the feature is enough to show it; false if its whole extent should be seen. */
export function isSeenFromItsCentre(layer: Pick<LayerDeclaration, 'geometry' | 'min_zoom'>): boolean {
  return layer.geometry === 'Point' || layer.geometry === null
}

/** The zoom at which a feature of the layer is surely drawn. */
export function zoomOf(layer: Pick<LayerDeclaration, 'min_zoom'>): number {
  return Math.max(CLOSE_ZOOM, layer.min_zoom)
}
