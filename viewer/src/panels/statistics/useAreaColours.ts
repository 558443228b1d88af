import { computed, onBeforeUnmount, ref, watch } from 'vue'
import { clearAreas, paintAreas } from '../../commands/paintAreas'
import { breaksOf, stepOf, STEP_COLOURS } from '../../model/population'
import type { Counted, Population } from '../../model/population'
import { useAppearance } from '../../stores/appearance'
import { useMapView } from '../../stores/mapView'

/** Areas cannot be told apart by buildings, whose outlines belong to another layer. */
const isPainted = (level: string) => level !== '' && level !== 'building'

/** The areas below on the map, coloured by the figure chosen, as long as the panel is open. */
export function useAreaColours(population: () => Population | null, onDrill: (code: string) => void) {
  const mapView = useMapView()
  const appearance = useAppearance()
  const chosen = ref<Counted | 'none'>('people')
  let aborter = new AbortController()

  const rows = computed(() => (population()?.rows ?? []).filter(({ level }) => isPainted(level)))
  const figures = computed(() => {
    const what = chosen.value
    return what === 'none' ? [] : rows.value.map((row) => ({ code: row.code, figure: row[what] }))
  })
  const legend = computed(() => {
    const { steps, hidden } = STEP_COLOURS[appearance.theme]
    const breaks = breaksOf(figures.value.map(({ figure }) => figure))
    const classes = breaks.map((from, place) => ({ from, colour: steps[stepOf(place, breaks.length)] ?? hidden }))
    return figures.value.some(({ figure }) => figure === null) ? [...classes, { from: null, colour: hidden }] : classes
  })

  async function paint() {
    aborter.abort()
    aborter = new AbortController()
    const found = population()
    const level = rows.value[0]?.level
    if (!found || !level || figures.value.length === 0) {
      if (found) clearAreas(mapView.port)
      return
    }
    const { signal } = aborter
    try {
      await paintAreas(mapView.port, found.total.code, level, figures.value, onDrill, signal)
    } catch {
      // The table tells the same figures; the map stays without colours.
      if (!signal.aborted) clearAreas(mapView.port)
    }
  }

  watch(figures, paint, { immediate: true })
  onBeforeUnmount(() => {
    aborter.abort()
    clearAreas(mapView.port)
  })

  return { chosen, legend }
}
