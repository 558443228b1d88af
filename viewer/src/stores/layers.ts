import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { LAYERS } from '../generated/layers'
import type { LayerName } from '../generated/layers'

/** The layers shown when the URL says nothing. */
export const DEFAULT_LAYERS: readonly LayerName[] = LAYERS.filter(
  (layer) => layer.geometry !== null && layer.visible,
).map((layer) => layer.name)

/** Which layers the map shows. */
export const useLayers = defineStore('layers', () => {
  const visible = shallowRef<ReadonlySet<LayerName>>(new Set(DEFAULT_LAYERS))

  function isVisible(name: LayerName): boolean {
    return visible.value.has(name)
  }

  function setVisible(names: readonly LayerName[], shown: boolean) {
    const next = new Set(visible.value)
    for (const name of names) {
      if (shown) next.add(name)
      else next.delete(name)
    }
    visible.value = next
  }

  function toggle(name: LayerName) {
    setVisible([name], !isVisible(name))
  }

  function restore(names: readonly LayerName[]) {
    visible.value = new Set(names)
  }

  return { visible, isVisible, setVisible, toggle, restore }
})
