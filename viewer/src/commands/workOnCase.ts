import { exportWorkList, takeStep } from '../api/cases'
import type { Case, CaseFilter, StepInputs, WorkListRow } from '../api/cases'
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

/** Hands the list to the browser as an Excel file. Throws ApiError. */
export async function saveWorkList(name: string, filter: CaseFilter, reason: string, language: string): Promise<void> {
  const url = URL.createObjectURL(await exportWorkList(name, filter, reason, language))
  const link = document.createElement('a')
  link.href = url
  link.download = `${name}-${new Date().toISOString().slice(0, 10)}.xlsx`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
