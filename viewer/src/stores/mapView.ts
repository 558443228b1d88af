import { defineStore } from 'pinia'
import { markRaw, ref, shallowRef } from 'vue'
import type { CameraView, LonLat, MapMode } from '../model/geography'
import type { DrawHint, MapPort } from '../model/mapPort'
import { QueuedMapPort } from '../model/queuedMapPort'

/** Pixels of the map covered by panels on each side. */
export interface Insets {
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly left: number
}

const NO_INSETS: Insets = { top: 0, right: 0, bottom: 0, left: 0 }

/** The camera, and the orders that may be given to the map. */
export const useMapView = defineStore('mapView', () => {
  const view = shallowRef<CameraView | null>(null)
  const mode = ref<MapMode>('2d')
  /** The place under the pointer; null when it is off the map. */
  const pointer = shallowRef<LonLat | null>(null)
  /** The place last clicked. */
  const clicked = shallowRef<LonLat | null>(null)
  const isReady = ref(false)
  /** True while the map waits for a click to give a place. */
  const isPicking = ref(false)
  /** What is being drawn or edited on the map. */
  const drawing = shallowRef<DrawHint | null>(null)
  const insets = shallowRef<Insets>(NO_INSETS)

  const port = markRaw(new QueuedMapPort())
  const orders: MapPort = port

  return {
    view,
    mode,
    pointer,
    clicked,
    isReady,
    isPicking,
    drawing,
    insets,
    /** For src/map only: where orders go. */
    attach: (target: MapPort) => port.attach(target),
    detach: () => port.detach(),
    port: orders,
    flyTo: orders.flyTo,
    fitBounds: orders.fitBounds,
    highlight: orders.highlight,
    marker: orders.marker,
    pickPoint: orders.pickPoint,
    cancelPick: orders.cancelPick,
    refreshLayer: orders.refreshLayer,
    draw: orders.draw,
    cancelDraw: orders.cancelDraw,
    edit: orders.edit,
    handles: orders.handles,
    shapes: orders.shapes,
  }
})
