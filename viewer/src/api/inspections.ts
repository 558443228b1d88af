import type { FormValues } from '../model/form'
import { api, withQuery } from './client'
import { photoForm } from './photoForm'

export type DueList = 'overdue' | 'due_soon' | 'to_rectify' | 'all'

/** How many rentals each list has, in all, of a class or of an area. */
export interface DueCounts extends Readonly<Record<DueList, number>> {
  readonly key: string | null
  readonly name: string | null
  readonly colour: string | null
  readonly interval: number | null
}

export interface DueFigures {
  readonly total: DueCounts
  readonly classes: readonly DueCounts[]
  readonly areas: readonly DueCounts[]
}

/** A rental of a list; the lessor is masked. */
export interface DueRental {
  readonly id: number
  readonly dwelling_id: number
  readonly building_id: number
  readonly address: string | null
  readonly unit: string
  readonly floor: number
  readonly room: string
  readonly rental_class: string | null
  readonly last_inspection: string | null
  readonly next_inspection: string | null
  readonly hazard: string | null
  readonly rectify_by: string | null
  readonly tenants: number | null
  readonly lessor_name: string | null
  readonly area_code: string
  readonly lon: number
  readonly lat: number
}

export interface DueFilter {
  readonly area?: string
  readonly rental_class?: string
}

export interface RecordedInspection {
  readonly id: number
  readonly last_inspection: string | null
  readonly next_inspection: string | null
  readonly hazard: string | null
}

const DUE = '/api/rentals/due'

export const getDueFigures = (filter: DueFilter, signal?: AbortSignal) =>
  api.get<DueFigures>(DUE, { query: { ...filter }, signal })

export const getDueRentals = (list: DueList, filter: DueFilter, after: string | null, signal?: AbortSignal) =>
  api.get<{ readonly items: readonly DueRental[]; readonly next: string | null }>(`${DUE}/${list}`, { query: { ...filter, after }, signal })

export const dueTiles = (list: DueList, filter: DueFilter) => withQuery(`${DUE}/${list}/tiles/{z}/{x}/{y}`, { ...filter })

/** Throws ApiError 400 with every fault; of a photo that cannot be kept, `photos.<number>`, and nothing is recorded. */
export const recordInspection = (rental: number, values: FormValues, photos: readonly Blob[], key: string) =>
  api.post<RecordedInspection>(
    `/api/rentals/${rental}/inspections`,
    photos.length === 0 ? values : photoForm('inspection', values, photos),
    { headers: { 'Idempotency-Key': key } },
  )

export interface InspectionPhoto {
  readonly id: number
  readonly inspection_id: number
}

/** The photos of every inspection of a rental. */
export async function getInspectionPhotos(rental: number, signal?: AbortSignal) {
  const path = `/api/rentals/${rental}/inspections/photos`
  return (await api.get<{ readonly photos: readonly InspectionPhoto[] }>(path, { signal })).photos
}

export const INSPECTION_PHOTOS = '/api/inspections/photos'
