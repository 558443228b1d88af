import { onBeforeUnmount, watch } from 'vue'
import type { Ref } from 'vue'
import { calm } from '../../model/calm'
import { tilesOver } from '../../model/tileAddress'
import type { TileAddress } from '../../model/tileAddress'
import { useBuildingColours } from '../../stores/buildingColours'
import { useCatalogue } from '../../stores/catalogue'
import { useLayers } from '../../stores/layers'
import { useLive } from '../../stores/live'
import { useMapView } from '../../stores/mapView'
import type { MapController } from '../mapController'
import { VALUE_STATE } from './colourExpression'

/** Buildings are drawn from here on; tiles of values are no finer than the last. */
const LOWEST_ZOOM = 13
const FINEST_ZOOM = 15
const REFRESH_MS = 3_000
const LAYERS_COUNTED: Readonly<Record<string, string>> = { rentals: 'dwellings', incidents: 'incidents' }

const nameOf = ({ z, x, y }: TileAddress) => `${z}/${x}/${y}`

/** Gives every building on the screen the value it is coloured by, where that is not in its tile. */
export function useBuildingValues(controller: Ref<MapController | null>) {
  const catalogue = useCatalogue()
  const colours = useBuildingColours()
  const layers = useLayers()
  const live = useLive()
  const mapView = useMapView()
  /** Tiles whose values are on the map or on their way. */
  let known = new Set<string>()
  /** The values on the map by tile. */
  let given = new Map<string, ReadonlyMap<number, number>>()

  const isCounted = () => colours.colours?.field === null && colours.colours.by === colours.by

  async function fetchValues(map: MapController, tile: TileAddress) {
    const asked = known
    try {
      const values = await colours.valuesIn(tile)
      if (asked !== known) return
      const gone = [...(given.get(nameOf(tile))?.keys() ?? [])].filter((id) => !values.has(id))
      map.setBuildingValues(VALUE_STATE, [...values, ...gone.map((id) => [id, null] as const)])
      given.set(nameOf(tile), values)
    } catch {
      // A tile without values stays in the colour of none; the next move asks again.
      asked.delete(nameOf(tile))
    }
  }

  function fill(map: MapController) {
    const zoom = Math.min(Math.floor(mapView.view?.zoom ?? 0), FINEST_ZOOM)
    if (!isCounted() || !layers.isVisible('buildings') || zoom < LOWEST_ZOOM) return
    for (const tile of tilesOver(map.bounds(), zoom)) {
      if (known.has(nameOf(tile))) continue
      known.add(nameOf(tile))
      void fetchValues(map, tile)
    }
  }

  function begin(map: MapController) {
    known = new Set()
    given = new Map()
    map.clearBuildingValues()
    fill(map)
  }

  watch(
    [controller, () => mapView.isReady, () => colours.colours?.by],
    ([map, isReady]) => {
      if (map && isReady) begin(map)
    },
  )
  watch([() => mapView.view, () => layers.visible], () => {
    if (controller.value && mapView.isReady) fill(controller.value)
  })
  watch([() => colours.by, () => catalogue.isLoaded], () => void colours.load(), { immediate: true })

  /** Values are asked for anew and set over those there are, so that nothing blinks. */
  const refresh = calm(() => {
    known = new Set()
    void colours.load()
    if (controller.value) fill(controller.value)
  }, 0, REFRESH_MS)
  const stop = live.onChange(({ layer }) => {
    if (layer === 'buildings' || layer === LAYERS_COUNTED[colours.by]) refresh.soon()
  })
  onBeforeUnmount(() => {
    stop()
    refresh.stop()
  })
}
