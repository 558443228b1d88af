import { LAYERS } from '../../generated/layers'
import type { LayerName } from '../../generated/layers'
import type { UrlParameter } from './parameter'

const NONE = 'none'

const drawn = LAYERS.filter((layer) => layer.geometry !== null)
const shownFirst = drawn.filter((layer) => layer.visible).map((layer) => layer.name)

function isSameSet(a: readonly LayerName[], b: readonly LayerName[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name))
}

/** `layers=areas,grids` names the layers shown, `layers=none` shows none; missing: those shown from the start. */
export const layersParameter: UrlParameter<readonly LayerName[]> = {
  name: 'layers',
  fallback: shownFirst,
  read(text) {
    if (text === NONE) return []
    const names = text.split(',')
    return drawn.filter((layer) => names.includes(layer.name)).map((layer) => layer.name)
  },
  write(names) {
    if (isSameSet(names, shownFirst)) return null
    return names.length === 0 ? NONE : names.join(',')
  },
  check: () => true,
}
