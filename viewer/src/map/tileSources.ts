import type { LayerDeclaration, LayerName } from '../generated/layers'

/** One tile source: the layers fetched together, and the zoom levels at which there are tiles. */
export interface TileSource {
  readonly id: string
  readonly layers: readonly LayerName[]
  readonly minZoom: number
  readonly maxZoom: number
}

function groupKey(layer: LayerDeclaration): string {
  return layer.visible ? `${layer.group}-${layer.max_zoom}` : layer.name
}

/**
 * The sources for these layers. Layers of a group that are shown from the start travel in one tile, to spare
 * requests; each of the others has its own, so that nothing is fetched for a layer nobody turned on.
 */
export function tileSources(layers: readonly LayerDeclaration[]): TileSource[] {
  const groups = new Map<string, LayerDeclaration[]>()
  for (const layer of layers) {
    if (layer.geometry === null) continue
    const key = groupKey(layer)
    groups.set(key, [...(groups.get(key) ?? []), layer])
  }
  return [...groups.values()].map((members) => ({
    id: members.map((layer) => layer.name).join(','),
    layers: members.map((layer) => layer.name),
    minZoom: Math.min(...members.map((layer) => layer.min_zoom)),
    maxZoom: Math.max(...members.map((layer) => layer.max_zoom)),
  }))
}

/** The source that carries a layer; undefined when no source does. */
export function sourceOf(sources: readonly TileSource[], layer: LayerName): TileSource | undefined {
  return sources.find((source) => source.layers.includes(layer))
}
