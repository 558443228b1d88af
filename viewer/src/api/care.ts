import type { FormValues } from '../model/form'
import { api, withQuery } from './client'

export type CareList = 'visit_overdue' | 'visit_soon' | 'review_overdue' | 'review_soon' | 'service_open' | 'service_follow_up'

/** How many each list has: in all, of a care group, of a kind of service or of an area. */
export interface CareCounts extends Readonly<Record<CareList, number>> {
  readonly key: string | null
  readonly name: string | null
}

export interface CareFigures {
  readonly total: CareCounts
  readonly groups: readonly CareCounts[]
  readonly kinds: readonly CareCounts[]
  readonly areas: readonly CareCounts[]
}

/** Who a row of a list is about and the home to go to, if there is one; the name is masked. */
interface Cared {
  readonly id: number
  readonly person_id: number
  readonly person_name: string | null
  readonly area_code: string
  readonly due_on: string
  readonly days_overdue: number
  readonly building_id: number | null
  readonly dwelling_id: number | null
  readonly address: string | null
  readonly unit: string | null
  readonly floor: number | null
  readonly room: string | null
  readonly lon: number | null
  readonly lat: number | null
}

export interface DueCare extends Cared {
  readonly care_group: string
  readonly responsible: string
  readonly last_visit: string | null
  readonly visit_interval: number | null
  readonly review_date: string
}

export interface DueService extends Cared {
  readonly kind: string
  readonly requested_on: string
  readonly wish: string | null
  readonly state: string
  readonly done_on: string | null
  readonly provider_name: string | null
}

export interface CareFilter {
  readonly area?: string
  readonly care_group?: string
  readonly service_kind?: string
}

interface CareVisit {
  readonly id: number
  readonly visited_on: string
  readonly kind: string
  /** Hidden until it is revealed. */
  readonly found: string | null
  readonly next_step: string | null
  readonly visited_by: string | null
}

export interface CareRecord {
  readonly id: number
  readonly care_group: string
  readonly lawful_basis: string
  readonly purpose: string
  readonly responsible: string
  readonly review_date: string
  readonly visit_interval: number | null
  readonly last_visit: string | null
  readonly next_visit: string | null
  readonly note: string | null
  readonly valid_from: string | null
  readonly valid_to: string | null
  readonly ended: boolean
  readonly row_version: number
  readonly visits: readonly CareVisit[]
}

export interface ElderlyService {
  readonly id: number
  readonly kind: string
  readonly requested_on: string
  readonly wish: string | null
  readonly provider_id: number | null
  readonly provider_name: string | null
  readonly state: string
  readonly done_on: string | null
  readonly follow_up_on: string | null
  readonly satisfaction: string | null
  readonly remark: string | null
  readonly row_version: number
}

export interface PersonCare {
  /** Whether elderly services are for this person. */
  readonly of_age: boolean
  readonly editable: boolean
  readonly records: readonly CareRecord[]
  readonly services: readonly ElderlyService[]
}

/** A room with somebody in care at home. */
export interface CaredRoom {
  readonly dwelling_id: number
  readonly persons: number
  readonly care_groups: readonly string[]
  readonly overdue: boolean
}

const DUE = '/api/care/due'

export const getCareFigures = (filter: CareFilter, signal?: AbortSignal) =>
  api.get<CareFigures>(DUE, { query: { ...filter }, signal })

export const getCareRows = (list: CareList, filter: CareFilter, after: string | null, signal?: AbortSignal) =>
  api.get<{ readonly items: readonly (DueCare | DueService)[]; readonly next: string | null; readonly total: number }>(`${DUE}/${list}`, { query: { ...filter, after }, signal })

export const careTiles = (list: CareList, filter: CareFilter) => withQuery(`${DUE}/${list}/tiles/{z}/{x}/{y}`, { ...filter })

export const getPersonCare = (person: number, signal?: AbortSignal) => api.get<PersonCare>(`/api/persons/${person}/care`, { signal })

export const getBuildingCare = async (building: number, signal?: AbortSignal) =>
  (await api.get<{ readonly rooms: readonly CaredRoom[] }>(`/api/buildings/${building}/care`, { signal })).rooms

/** A step of a record, done once for each key. Throws ApiError 400 with every fault. */
export const takeCareStep = (record: number, step: 'visits' | 'review' | 'end', values: FormValues, key: string) =>
  api.post<{ readonly id: number }>(`/api/care/${record}/${step}`, values, { headers: { 'Idempotency-Key': key } })
