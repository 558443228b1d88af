import type { LayerName } from '../generated/layers'
import type { Bounds, LonLat } from './geography'

/** Where the camera should go; what is left out stays as it is. */
export interface CameraTarget extends LonLat {
  readonly zoom?: number
  readonly pitch?: number
  readonly bearing?: number
}

/** Features to light up beside the selected one, for instance the homes of a person. */
export interface HighlightTarget {
  readonly layer: LayerName
  readonly ids: readonly number[]
}

/**
 * What commands may ask of the map. Commands and panels know this interface only, never MapLibre.
 * Calls made before the map stands are kept and done when it does.
 */
export interface MapPort {
  /** Moves the camera; the place lands in the middle of what the panels leave free. */
  flyTo(target: CameraTarget): void
  fitBounds(bounds: Bounds): void
  /** Lights up features; null puts the light out. The selected feature is lit by itself. */
  highlight(target: HighlightTarget | null): void
  /** Puts the one pin down; null takes it away. */
  marker(place: LonLat | null): void
  /** The place of the next click on the map; null if it was given up (Escape or another pickPoint). */
  pickPoint(): Promise<LonLat | null>
  /** Gives up waiting for a click, if pickPoint is waiting. */
  cancelPick(): void
  /** Fetches the tiles of a layer anew, for instance after a write of one's own. */
  refreshLayer(layer: LayerName): void
}
