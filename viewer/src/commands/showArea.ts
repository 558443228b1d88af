import { findFeatures } from '../api/features'
import type { Feature } from '../api/features'
import { boundsOf, grown } from '../model/bounds'
import type { MapPort } from '../model/mapPort'
import { useCatalogue } from '../stores/catalogue'

const MARGIN = 0.05
const GRID_DIGITS = 14

/** The area or governance grid of a code; null when the reader may see none. */
async function findArea(code: string): Promise<Feature | null> {
  const layer = code.length >= GRID_DIGITS ? 'grids' : 'areas'
  const { features } = await findFeatures(layer, { [layer === 'grids' ? 'code' : 'area_code']: code, limit: 1 })
  return features[0] ?? null
}

/** Shows an area on the map, or everything the reader may see for the empty code. */
export async function showArea(port: MapPort, code: string): Promise<void> {
  const extent = useCatalogue().summary?.extent ?? null
  const found = code === '' ? null : await findArea(code)
  const bounds = found ? boundsOf(found.geometry) : extent
  if (bounds) port.fitBounds(grown(bounds, MARGIN))
}
