import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** A layer of tiles with what is due. */
export type DueLayer = 'rentals_due' | 'care_due'

/** What is due and shown on the map: that of the list in the panel. */
export const useDueList = defineStore('dueList', () => {
  const shown = shallowRef<{ readonly layer: DueLayer; readonly tiles: string } | null>(null)

  function show(layer: DueLayer, tiles: string) {
    shown.value = { layer, tiles }
  }

  /** Takes the layer off the map, if it is the one shown. */
  function hide(layer: DueLayer) {
    if (shown.value?.layer === layer) shown.value = null
  }

  return { shown, show, hide }
})
