import { ApiError } from '../api/client'
import { joinReport, sendReport } from '../api/reports'
import type { SavedReport, SimilarCase } from '../api/reports'
import type { LonLat } from '../model/geography'
import type { MapPort } from '../model/mapPort'
import { isNotNow } from '../model/outbox'
import type { Report } from '../model/report'
import { useCatalogue } from '../stores/catalogue'
import { useLayers } from '../stores/layers'
import { useOutbox } from '../stores/outbox'
import { useSelection } from '../stores/selection'
import { useSession } from '../stores/session'

const NEARBY = 'nearby'

/** Asks for a place on the map and pins it; null, with the old pin kept, if none was given. */
export async function choosePlace(port: MapPort): Promise<LonLat | null> {
  const place = await port.pickPoint()
  if (place) port.marker(place)
  return place
}

/** Pins a place found in another way, and goes there. */
export function takePlace(port: MapPort, place: LonLat): void {
  port.cancelPick()
  port.marker(place)
  port.flyTo({ ...place, zoom: 17 })
}

/** Takes the pin and the cases nearby away and stops waiting for a click. */
export function dropPlace(port: MapPort): void {
  port.cancelPick()
  port.marker(null)
  showNearby(port, [])
}

/** Marks cases that may be the same matter. */
export function showNearby(port: MapPort, cases: readonly SimilarCase[]): void {
  const features = cases.map(({ id, lon, lat }) => ({
    type: 'Feature' as const,
    id,
    geometry: { type: 'Point' as const, coordinates: [lon, lat] as const },
    properties: { strong: true },
  }))
  port.shapes(NEARBY, features.length > 0 ? { features } : null, 'source')
}

const SIGNED_OUT = 401

/** What the server answers; null when the report waits on this device, for the server or for its author to sign in. */
async function sentOrKept(report: Report, key: string, into: number | null): Promise<SavedReport | null> {
  const author = useSession().me?.login ?? ''
  try {
    return await (into === null ? sendReport(report, key) : joinReport(into, report, key))
  } catch (error) {
    if (!(error instanceof ApiError) || !(isNotNow(error.status) || error.status === SIGNED_OUT)) throw error
    await useOutbox()
      .keep(report, key, into, author)
      .catch(() => {
        throw error
      })
    return null
  }
}

/**
 * Registers the report, or joins it to an open case, then shows the case selected on the map; null when it is kept
 * on this device until the server answers. Throws ApiError.
 */
export async function fileReport(
  port: MapPort,
  report: Report,
  key: string,
  into: number | null,
): Promise<SavedReport | null> {
  const saved = await sentOrKept(report, key, into)
  dropPlace(port)
  if (!saved) return null
  useLayers().setVisible(['incidents'], true)
  port.refreshLayer('incidents')
  useSelection().select({ layer: 'incidents', id: saved.id })
  await useCatalogue().refreshCounts()
  return saved
}
