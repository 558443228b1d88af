import { findFeatures } from '../api/features'
import type { MapPort } from '../model/mapPort'
import { breaksOf, classOf, stepOf } from '../model/population'
import type { Figure } from '../model/population'
import type { Shape, ShapeLook } from '../model/shape'

const OWNER = 'population'
const LOOKS = ['step1', 'step2', 'step3', 'step4', 'step5'] as const
const MOST_AREAS = 1000

/** An area and the figure it is coloured by. */
export interface PaintedArea {
  readonly code: string
  readonly figure: Figure
}

function ownerOf(look: ShapeLook): string {
  return `${OWNER}-${look}`
}

/** Takes the colours of all areas off the map. */
export function clearAreas(port: MapPort): void {
  for (const look of [...LOOKS, 'hidden'] as const) port.shapes(ownerOf(look), null)
}

/** Outlines of the areas or grids of one level within an area, by their code. */
async function outlines(area: string, level: string, signal: AbortSignal) {
  const isGrid = level === 'grid'
  const query = { ...(area ? { area } : {}), ...(isGrid ? { kind: 'governance' } : { level }), limit: MOST_AREAS }
  const { features } = await findFeatures(isGrid ? 'grids' : 'areas', query, signal)
  return new Map(features.map((each) => [String(each.properties[isGrid ? 'code' : 'area_code']), each.geometry]))
}

/** Colours areas of one level by their figures, few to many; a click on one is told. */
export async function paintAreas(
  port: MapPort,
  area: string,
  level: string,
  areas: readonly PaintedArea[],
  onClick: (code: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const geometries = await outlines(area, level, signal)
  if (signal.aborted) return
  const breaks = breaksOf(areas.map(({ figure }) => figure))
  const shapes = new Map<ShapeLook, Shape[]>()
  for (const { code, figure } of areas) {
    const place = classOf(figure, breaks)
    const look = place === null ? 'hidden' : (LOOKS[stepOf(place, breaks.length)] ?? 'hidden')
    const shape: Shape = { type: 'Feature', geometry: geometries.get(code) ?? null, properties: { code } }
    if (shape.geometry) shapes.set(look, [...(shapes.get(look) ?? []), shape])
  }
  clearAreas(port)
  for (const [look, features] of shapes)
    port.shapes(ownerOf(look), { features }, look, ({ properties }) => onClick(String(properties?.code)))
}
