import { createFeature, updateFeature } from '../api/features'
import type { Charge, ChargeRole, Vacancy } from '../model/charge'
import type { MapPort } from '../model/mapPort'
import type { Shape } from '../model/shape'
import { useSelection } from '../stores/selection'

const VACANCIES = 'vacancies'
const GRID_ZOOM = 15.5

/** Puts somebody in charge of a grid from a day on. Throws ApiError. */
export async function assign(grid: number, staff: number, role: ChargeRole, from: string): Promise<void> {
  await createFeature('assignments', null, { grid_id: grid, staff_id: staff, role, valid_from: from })
}

/** Ends an assignment on a day: that day it no longer holds. Throws ApiError. */
export async function endAssignment({ id, row_version }: Charge, day: string): Promise<void> {
  await updateFeature('assignments', id, row_version, { valid_to: day })
}

/** Marks the grids without somebody in charge; a click on a mark selects the grid. */
export function showVacancies(port: MapPort, vacancies: readonly Vacancy[], mark: (vacancy: Vacancy) => string): void {
  const features = vacancies.map(
    (vacancy): Shape => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [vacancy.lon, vacancy.lat] },
      properties: { grid: vacancy.grid_id, label: mark(vacancy) },
    }),
  )
  port.shapes(VACANCIES, { features }, 'fault', ({ properties }) => {
    const grid = properties?.grid
    if (typeof grid === 'number') useSelection().select({ layer: 'grids', id: grid })
  })
}

export function hideVacancies(port: MapPort): void {
  port.shapes(VACANCIES, null)
}

/** Selects the grid and brings it into view. */
export function showVacancy(port: MapPort, { grid_id, lon, lat }: Vacancy): void {
  useSelection().select({ layer: 'grids', id: grid_id })
  port.flyTo({ lon, lat, zoom: GRID_ZOOM })
}
