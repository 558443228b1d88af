import type { LayerName } from '../../generated/layers'
import type { IconName } from '../../ui/icons'

const ICON_OF: Readonly<Partial<Record<LayerName, IconName>>> = {
  areas: 'flag',
  grids: 'grid',
  compounds: 'home',
  buildings: 'building',
  dwellings: 'home',
  entrances: 'home',
  persons: 'account',
  units: 'people',
  staff: 'account',
  key_sites: 'shield',
  facilities: 'info',
  cameras: 'camera',
  organisations: 'people',
  incidents: 'incident',
}

/** The icon that stands for a layer; a pin for layers without one of their own. */
export function layerIcon(layer: LayerName): IconName {
  return ICON_OF[layer] ?? 'pin'
}
