import { computed, onBeforeUnmount, watch } from 'vue'
import { workListTiles } from '../api/cases'
import { getFeature } from '../api/features'
import { showArea } from '../commands/showArea'
import { showFeature } from '../commands/showFeature'
import { isSameFeature } from '../model/geography'
import type { FeatureReference } from '../model/geography'
import { readParameter, writeParameter } from '../model/url/parameter'
import { wallParameter } from '../model/url/wall'
import { useCaseList } from '../stores/caseList'
import { useMapView } from '../stores/mapView'
import { useSelection } from '../stores/selection'
import { useWall } from '../stores/wall'

/** Keeps the pairing code in the URL, and takes up the link that the URL names. */
export function useWallUrl() {
  const wall = useWall()
  const first = readParameter(new URLSearchParams(location.search), wallParameter)
  if (first && wall.code === null) wall.join(first).catch((error: unknown) => (wall.failure = error))

  const stop = watch(
    () => wall.code,
    (code) => {
      const query = new URLSearchParams(location.search)
      writeParameter(query, wallParameter, code)
      const text = query.toString().replaceAll('%2C', ',')
      history.replaceState(null, '', `${location.pathname}${text ? `?${text}` : ''}${location.hash}`)
    },
  )
  onBeforeUnmount(() => {
    stop()
    wall.unlink()
  })
}

/** The cases on the map are those that the linked wall is filtered to. */
function useWallCases() {
  const caseList = useCaseList()
  const wall = useWall()
  const filter = computed(() => {
    const { area, category, light } = wall.view
    const isFiltered = wall.code !== null && (category !== null || light !== null)
    return isFiltered ? { area, category: category ?? '', light: light ?? '' } : null
  })
  const stop = watch(
    filter,
    (asked) => (caseList.wall = asked && workListTiles('open', asked)),
    { immediate: true },
  )
  onBeforeUnmount(() => {
    stop()
    caseList.wall = null
  })
}

/**
 * The map and the linked screens follow each other: what is selected here, which area is looked at there, and
 * which cases.
 */
export function useWallLink() {
  const mapView = useMapView()
  const selection = useSelection()
  const wall = useWall()
  useWallUrl()
  useWallCases()

  /** An area clicked on the map becomes the area looked at. */
  async function tell(selected: FeatureReference | null) {
    if (wall.code === null || isSameFeature(selected, wall.view.selected)) return
    const isArea = selected?.layer === 'areas' || selected?.layer === 'grids'
    if (!isArea) {
      await wall.change({ selected })
      return
    }
    const { properties } = await getFeature(selected.layer, selected.id)
    await wall.change({ selected, area: String(properties.area_code ?? '') })
  }

  function follow(selected: FeatureReference | null) {
    if (isSameFeature(selected, selection.selected)) return
    if (selected) void showFeature(mapView.port, selected.layer, selected.id, null)
    else selection.clear()
  }

  const stops = [
    watch(
      () => selection.selected,
      (selected) => {
        tell(selected).catch((error: unknown) => (wall.failure = error))
      },
    ),
    watch(() => wall.view.selected, follow),
    watch(
      () => wall.view.area,
      (area) => {
        showArea(mapView.port, area).catch((error: unknown) => (wall.failure = error))
      },
    ),
  ]
  onBeforeUnmount(() => {
    for (const stop of stops) stop()
  })
}
