import type { LayerDeclaration } from '../../generated/layers'

const GROUP_ORDER = ['incidents', 'analysis', 'places', 'patrol', 'organisation', 'housing', 'people', 'territory', 'basemap']
const OTHER = 'other'

export interface LayerGroup {
  readonly id: string
  readonly layers: readonly LayerDeclaration[]
}

/** The layers that can be drawn, by group: what is on top of the map stands on top of the list. */
export function layerGroups(layers: readonly LayerDeclaration[]): LayerGroup[] {
  const drawn = layers.filter((layer) => layer.geometry !== null)
  const groupOf = (layer: LayerDeclaration) => (GROUP_ORDER.includes(layer.group) ? layer.group : OTHER)
  return [...GROUP_ORDER, OTHER]
    .map((id) => ({ id, layers: drawn.filter((layer) => groupOf(layer) === id) }))
    .filter((group) => group.layers.length > 0)
}

/** Whether the whole group, a part of it or nothing of it is shown. */
export function shownPart(group: LayerGroup, visible: ReadonlySet<string>): 'all' | 'some' | 'none' {
  const shown = group.layers.filter((layer) => visible.has(layer.name)).length
  if (shown === 0) return 'none'
  return shown === group.layers.length ? 'all' : 'some'
}
