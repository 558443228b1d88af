import type { GeometryKind, LayerDeclaration } from '../generated/layers'
import type { FeatureReference } from '../model/geography'

/** One feature found under a click, topmost first. */
export interface Candidate {
  readonly layer: LayerDeclaration
  readonly id: number
}

const BY_GEOMETRY: Readonly<Record<GeometryKind, number>> = {
  Point: 0,
  Polygon: 20,
  MultiPolygon: 20,
  LineString: 40,
  MultiLineString: 40,
}

const BY_NAME: Readonly<Record<string, number>> = {
  buildings: 10,
  compounds: 30,
  waters: 50,
  greens: 51,
  grids: 60,
  areas: 70,
}

/** How much a click means a feature of this layer: lower wins. Points, then buildings, then what is wider. */
export function pickRank(layer: LayerDeclaration): number {
  return BY_NAME[layer.name] ?? (layer.geometry ? BY_GEOMETRY[layer.geometry] : 99)
}

/** The feature a click means; of the same rank the topmost. */
export function pick(candidates: readonly Candidate[]): FeatureReference | null {
  let best: Candidate | null = null
  for (const candidate of candidates) {
    if (!best || pickRank(candidate.layer) < pickRank(best.layer)) best = candidate
  }
  return best && { layer: best.layer.name, id: best.id }
}
