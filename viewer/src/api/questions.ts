import type { Geometry } from '../model/bounds'
import type { Condition, Question, Relation, Subject } from '../model/question'
import type { ShapeCollection } from '../model/shape'
import { api } from './client'
import type { Feature } from './features'

export interface GroupCount {
  readonly code: string | null
  readonly count: number
  /** Finds the rows counted, and no others. */
  readonly condition: Condition
}

/** One page of an answer; counts and outline come with the first page only. */
export interface Answer {
  readonly features: readonly Feature[]
  readonly next: string | null
  readonly numberMatched?: number
  readonly outline?: Geometry
  readonly groups?: readonly GroupCount[]
}

export interface AnswerShapes extends ShapeCollection {
  readonly complete: boolean
}

export interface Inhabitants {
  readonly buildings: number
  readonly residents: number
  readonly households: number
  readonly sexes: Readonly<Record<string, number>>
  readonly registers: Readonly<Record<string, number>>
  readonly ages: readonly { readonly age: number; readonly residents: number; readonly men: number; readonly women: number }[]
}

export interface SavedQuestion {
  readonly id: number
  readonly name: string
  readonly owner: string
  readonly shared_area: string | null
  readonly question: Question
  readonly created_at: string
  readonly mine: boolean
}

export interface PageWanted {
  readonly sort?: string
  readonly descending?: boolean
  readonly after?: string
  readonly group?: string
}

export const TAKE_OUT_FORMATS = ['gpkg', 'geojson', 'xlsx', 'csv', '2d', '3d'] as const
export type TakeOutFormat = (typeof TAKE_OUT_FORMATS)[number]

const PAGE_ROWS = 100

export const askAnswer = (question: Question, page: PageWanted, signal?: AbortSignal) =>
  api.post<Answer>('/api/questions/answer', { question, limit: PAGE_ROWS, ...page }, { signal })

export const askShapes = (question: Question, signal?: AbortSignal) =>
  api.post<AnswerShapes>('/api/questions/shapes', { question }, { signal })

/** The ground of a question before it is asked. Throws ApiError with what is wrong with it. */
export async function askPlace(relation: Relation, subject: Subject, metres: number | null, signal?: AbortSignal) {
  const asked = { relation, subject, ...(metres === null ? {} : { metres }) }
  return (await api.post<{ readonly outline: Geometry }>('/api/questions/place', asked, { signal })).outline
}

/** How many rows there are, by a field. */
export async function askCounts(question: Question, group: string, signal?: AbortSignal) {
  const answer = await api.post<Answer>('/api/questions/answer', { question, limit: 1, group }, { signal })
  return { total: answer.numberMatched ?? 0, groups: answer.groups ?? [] }
}

/** Written to the audit log. */
export const askPeople = (question: Question, signal?: AbortSignal) =>
  api.post<Inhabitants>('/api/questions/people', { question }, { signal })

export async function savedQuestions(signal?: AbortSignal) {
  return (await api.get<{ readonly items: readonly SavedQuestion[] }>('/api/questions', { signal })).items
}

export const saveQuestion = (name: string, question: Question, sharedArea: string | null) =>
  api.post<SavedQuestion>('/api/questions', { name, question, shared_area: sharedArea })

export const deleteQuestion = (id: number) => api.delete(`/api/questions/${id}`)

/** The file of all rows, or a map that opens without a network; logged with the reason before it leaves. */
export function takeOut(question: Question, format: TakeOutFormat, reason: string, title: string, language: string) {
  const common = { question, reason, language }
  return format === '2d' || format === '3d'
    ? api.takeOut('/api/exports/map', { ...common, kind: format, title })
    : api.takeOut('/api/exports', { ...common, format })
}
