import { computed, watch } from 'vue'
import { getConditions, getNearby } from '../../api/reports'
import type { SimilarCase } from '../../api/reports'
import { showNearby } from '../../commands/reportIncident'
import type { LonLat } from '../../model/geography'
import { useMapView } from '../../stores/mapView'
import { useLoaded } from '../shared/useLoaded'

/** What the platform knows of a matter of a category at a place: its conditions, and open cases that may be the same. */
export function useMatter(place: () => LonLat | null, category: () => string | null) {
  const mapView = useMapView()
  const { data: conditions } = useLoaded(category, getConditions)

  const asked = computed(() => {
    const [where, what] = [place(), category()]
    return where && what ? { where, what } : null
  })
  const { data, reload } = useLoaded(
    () => asked.value,
    ({ where, what }, signal) => getNearby(where, what, signal),
  )
  const similar = computed<readonly SimilarCase[]>(() => data.value ?? [])
  watch(similar, (cases) => showNearby(mapView.port, cases))

  return { conditions, similar, lookAgain: reload }
}
