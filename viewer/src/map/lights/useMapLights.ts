import { onBeforeUnmount, watch } from 'vue'
import type { Ref } from 'vue'
import { useCatalogue } from '../../stores/catalogue'
import { useClock } from '../../stores/clock'
import type { MapController } from '../mapController'
import { sourceOf, tileSources } from '../tileSources'
import { nextLightChange } from './nextLightChange'

const LAYER = 'incidents'

/** Keeps the state `now` of the style in step with the clock, and wakes the clock when a case on the map changes. */
export function useMapLights(controller: Ref<MapController | null>) {
  const catalogue = useCatalogue()
  const clock = useClock()
  const owner = {}

  function follow({ map }: MapController) {
    const source = sourceOf(tileSources(catalogue.readable), LAYER)
    if (!source) return
    let isStyleReady = false

    const tell = () => {
      if (isStyleReady) map.setGlobalStateProperty('now', clock.now / 1_000)
    }
    map.on('style.load', () => {
      isStyleReady = true
      tell()
    })
    map.on('idle', () => {
      if (!map.getSource(source.id)) return
      const cases = map.querySourceFeatures(source.id, { sourceLayer: LAYER, filter: ['has', 'due_at'] })
      const next = nextLightChange(cases.map(({ properties }) => properties), clock.now / 1_000)
      clock.wakeAt(owner, next === null ? null : Math.ceil(next * 1_000))
    })
    return watch(() => clock.now, tell)
  }

  let stop: (() => void) | undefined
  watch(
    controller,
    (map) => {
      stop?.()
      stop = map ? follow(map) : undefined
    },
    { flush: 'sync', immediate: true },
  )
  onBeforeUnmount(() => {
    stop?.()
    clock.wakeAt(owner, null)
  })
}
