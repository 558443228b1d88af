import type { LayerName, Title } from '../generated/layers'
import type { LightColor, Timing } from '../model/lights'
import { sentOf, wallOf } from '../model/wall'
import type { Wall, WallView } from '../model/wall'
import { ApiError, api } from './client'

/** An area or a governance grid; `code` is what the codes of all below begin with. */
export interface Place {
  readonly code: string
  readonly name: string
  readonly level: string
}

export type LayerCounts = Readonly<Partial<Record<LayerName, number>>>

export interface PlaceTotal extends Place {
  readonly counts: LayerCounts
}

/** A building of a grid; null where the reader may not know. */
export interface BuildingTotal {
  readonly id: number
  readonly name: string | null
  readonly number: string | null
  readonly dwellings: number | null
  readonly residents: number | null
}

/** An area, those above it, and what lies directly below. */
export interface Totals {
  readonly area: PlaceTotal
  readonly above: readonly Place[]
  readonly children: readonly PlaceTotal[]
  readonly buildings: readonly BuildingTotal[]
}

export const getTotals = (area: string, signal?: AbortSignal) =>
  api.get<Totals>('/api/totals', { query: { area }, signal })

function answered(value: unknown): Wall {
  const wall = wallOf(value)
  if (!wall) throw new ApiError(200, 'Unreadable answer', '')
  return wall
}

export const createWall = async (view: WallView) => answered(await api.post<unknown>('/api/walls', sentOf(view)))

export const getWall = async (code: string) => answered(await api.get<unknown>(`/api/walls/${code}`))

export const changeWall = async (code: string, change: Partial<WallView>) =>
  answered(await api.patch<unknown>(`/api/walls/${code}`, sentOf(change)))

export const wallStream = (code: string) => `/api/walls/${code}/stream`

/** A named count of cases; it opens the cases it counts. */
export interface MeasuredCount extends Title {
  readonly measure: string
  readonly count: number
}

/** A ratio of two counts; null where there was nothing to be done. */
export interface CaseRate extends Title {
  readonly name: string
  readonly numerator: MeasuredCount
  readonly denominator: MeasuredCount
  readonly rate: number | null
}

/** A case behind a count. */
export interface CaseRow {
  readonly id: number
  readonly code: string | null
  readonly category: string
  readonly place: string | null
  readonly state: string
  readonly unit: string | null
  readonly reported_at: string
  readonly due_at: string | null
  readonly closed_at: string | null
}

/** Cases reported and closed on one day. */
export interface CaseDay {
  readonly day: string
  readonly reported: number
  readonly closed: number
}

interface Items<Item> {
  readonly items: readonly Item[]
}

/** An area and a period [since, until). */
export interface Span {
  readonly area: string
  readonly since: Date
  readonly until: Date
}

const spanQuery = ({ area, since, until }: Span) => ({
  area,
  since: since.toISOString(),
  until: until.toISOString(),
})

export const getRates = async (span: Span, signal?: AbortSignal) =>
  (await api.get<Items<CaseRate>>('/api/rates', { query: spanQuery(span), signal })).items

export const getCaseDays = async (span: Span, signal?: AbortSignal) =>
  (await api.get<Items<CaseDay>>('/api/rates/days', { query: spanQuery(span), signal })).items

export const getMeasuredCases = (measure: string, span: Span, after: string | null) =>
  api.get<Items<CaseRow> & { readonly next: number | null }>('/api/rates/cases', {
    query: { measure, ...spanQuery(span), limit: 100, after },
  })

/** A list of cases and how many it holds. */
export interface CaseListCount extends Title {
  readonly name: string
  readonly count: number
}

/** A case of a list, newest or most urgent first. */
export interface ListedCase extends CaseRow, Timing {
  readonly closed_at: string | null
  readonly due_at: string | null
}

/** What narrows the lists of cases down. */
export interface CaseFilter {
  readonly area: string
  readonly category: string | null
  readonly light: LightColor | null
}

export const getCaseLists = async (filter: CaseFilter, signal?: AbortSignal) =>
  (await api.get<Items<CaseListCount>>('/api/incidents/lists', { query: { ...filter }, signal })).items

export const getListedCases = (
  list: string,
  filter: CaseFilter,
  sort: 'newest' | 'due',
  limit: number,
  after: string | null,
  signal?: AbortSignal,
) =>
  api.get<Items<ListedCase> & { readonly next: string | null }>(`/api/incidents/lists/${list}`, {
    query: { ...filter, sort, limit, after },
    signal,
  })
