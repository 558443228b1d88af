import { takeStep } from '../api/cases'
import type { Case, StepInputs, WorkListRow } from '../api/cases'
import type { MapPort } from '../model/mapPort'
import { useLayers } from '../stores/layers'
import { useSelection } from '../stores/selection'
import { versionOf } from './editFeature'
import { panelsSettled } from './settle'

const CASE_ZOOM = 17

/** Takes a step of the case as it was read. Throws ApiError: 409 stale, 400 with faults by need. */
export async function takeCaseStep(port: MapPort, page: Case, step: string, inputs: StepInputs, photos: readonly Blob[]): Promise<Case> {
  const taken = await takeStep(page.incident.id, versionOf(page.incident), step, inputs, photos)
  port.refreshLayer('incidents')
  return taken
}

/** Selects a case of a list and goes there. */
export async function openCase(port: MapPort, row: Pick<WorkListRow, 'id' | 'lon' | 'lat'>): Promise<void> {
  useLayers().setVisible(['incidents'], true)
  useSelection().select({ layer: 'incidents', id: row.id })
  await panelsSettled()
  port.flyTo({ lon: row.lon, lat: row.lat, zoom: CASE_ZOOM })
}
