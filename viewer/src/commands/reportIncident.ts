import { reportIncident } from '../api/incidents'
import type { Feature } from '../api/features'
import type { FormValues } from '../model/form'
import type { LonLat } from '../model/geography'
import type { MapPort } from '../model/mapPort'
import { useCatalogue } from '../stores/catalogue'
import { useLayers } from '../stores/layers'
import { useSelection } from '../stores/selection'

/** Asks for a place on the map and pins it; null, with the old pin kept, if none was given. */
export async function choosePlace(port: MapPort): Promise<LonLat | null> {
  const place = await port.pickPoint()
  if (place) port.marker(place)
  return place
}

/** Takes the pin away and stops waiting for a click. */
export function dropPlace(port: MapPort): void {
  port.cancelPick()
  port.marker(null)
}

/** Registers the incident, then shows it selected on the map. Throws ApiError. */
export async function sendReport(port: MapPort, place: LonLat, values: FormValues): Promise<Feature> {
  const created = await reportIncident(place, values)
  port.marker(null)
  useLayers().setVisible(['incidents'], true)
  port.refreshLayer('incidents')
  useSelection().select({ layer: 'incidents', id: created.id })
  await useCatalogue().refreshCounts()
  return created
}
