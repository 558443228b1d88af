import { LAYERS } from '../../generated/layers'
import type { FeatureReference } from '../geography'
import type { UrlParameter } from './parameter'

/** `selected=buildings.17`: the feature selected. */
export const selectedParameter: UrlParameter<FeatureReference | null> = {
  name: 'selected',
  fallback: null,
  read(text) {
    const match = /^([a-z_]+)\.(\d+)$/.exec(text)
    const layer = LAYERS.find(({ name }) => name === match?.[1])
    return layer && match ? { layer: layer.name, id: Number(match[2]) } : null
  },
  write: (reference) => (reference ? `${reference.layer}.${reference.id}` : null),
  check: (reference) => reference === null || (Number.isSafeInteger(reference.id) && reference.id > 0),
}
