import { ref } from 'vue'
import type { LonLat } from '../../model/geography'

const WAIT_MS = 15_000
/** A fix that old is still where one stands. */
const FRESH_MS = 10_000

/** Words of the locale for why there is no position. */
const FAILURES: Readonly<Record<number, string>> = {
  1: 'incident.positionRefused',
  2: 'incident.positionUnavailable',
  3: 'incident.positionTimeout',
}

/** Where this device is (WGS-84), asked for on demand. */
export function usePosition() {
  const isSearching = ref(false)
  const failure = ref<string | null>(null)

  function find(): Promise<LonLat | null> {
    failure.value = null
    // Browsers give positions to pages of https and of this machine only.
    if (!('geolocation' in navigator) || !window.isSecureContext) {
      failure.value = 'incident.positionInsecure'
      return Promise.resolve(null)
    }
    isSearching.value = true
    return new Promise((resolve) => {
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          isSearching.value = false
          resolve({ lon: coords.longitude, lat: coords.latitude })
        },
        ({ code }) => {
          isSearching.value = false
          failure.value = FAILURES[code] ?? 'incident.positionUnavailable'
          resolve(null)
        },
        { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: FRESH_MS },
      )
    })
  }

  return { isSearching, failure, find }
}
