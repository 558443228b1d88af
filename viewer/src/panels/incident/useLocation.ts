import { shallowRef } from 'vue'
import { locate } from '../../api/incidents'
import type { Location } from '../../api/incidents'
import type { LonLat } from '../../model/geography'

/** A place and what the platform knows of it; only the last place asked for is answered. */
export function useLocation(accept: (found: Location) => void) {
  const place = shallowRef<LonLat | null>(null)
  const location = shallowRef<Location | null>(null)
  const locateFailure = shallowRef<unknown>(null)

  async function find(where: LonLat) {
    place.value = where
    location.value = null
    locateFailure.value = null
    try {
      const found = await locate(where)
      if (place.value !== where) return
      location.value = found
      accept(found)
    } catch (error) {
      if (place.value === where) locateFailure.value = error
    }
  }

  return { place, location, locateFailure, find }
}
