import type { LayerDeclaration, LayerName } from '../../generated/layers'
import { datetimeOf, daysOf, spanOf } from './period'
import type { PeriodText } from './period'

export const STEPS = ['hour', 'day', 'week', 'month'] as const
export type HeatStep = (typeof STEPS)[number]
export type HeatLook = 'surface' | 'columns'

export const RADII: readonly number[] = [50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000]
const MOST_FRAMES = 120
const HOURS: Readonly<Record<HeatStep, number>> = { hour: 1, day: 24, week: 168, month: 672 }

/** What heat is asked for, and how it is looked at. */
export interface HeatQuestion {
  readonly layer: LayerName
  /** Metres. */
  readonly radius: number
  readonly weight: string | null
  /** A coded field and the codes of which it must have one, or one below it. */
  readonly field: string | null
  readonly codes: readonly string[]
  readonly period: PeriodText
  readonly step: HeatStep | null
  /** Digits that area codes begin with; empty for all that the reader may see. */
  readonly area: string
  readonly look: HeatLook
}

export const FIRST_QUESTION: HeatQuestion = {
  layer: 'incidents',
  radius: 400,
  weight: null,
  field: null,
  codes: [],
  period: 'd30',
  step: null,
  area: '',
  look: 'surface',
}

/** Rows that have no time of their own but a beginning and an end: who lives where. */
const LIVING: readonly LayerName[] = ['persons', 'residences']

/** `window`: the layer's rows happen at a time; `state`: they hold for a while; `none`: they are. */
export function timeKind(layer: Pick<LayerDeclaration, 'name' | 'time_field'>): 'window' | 'state' | 'none' {
  if (layer.time_field) return 'window'
  return LIVING.includes(layer.name) ? 'state' : 'none'
}

/** Steps that cut a period into frames that one can still look at. */
export function stepsFor(period: PeriodText, now: Date): readonly HeatStep[] {
  const span = spanOf(period, now)
  if (!span) return []
  const hours = daysOf(span) * 24
  return STEPS.filter((step) => hours / HOURS[step] <= MOST_FRAMES && hours / HOURS[step] >= 2)
}

type Query = Readonly<Record<string, string | number | null>>

/** The conditions of a question as parameters of the server. */
export function placesQuery(question: HeatQuestion, kind: ReturnType<typeof timeKind>, now: Date): Query {
  const span = kind === 'window' || (kind === 'state' && question.step) ? spanOf(question.period, now) : null
  const where = question.field && question.codes.length > 0 ? { [question.field]: question.codes.join(',') } : {}
  return { datetime: span && datetimeOf(span), area: question.area, ...where }
}

/** The whole question as parameters of the server. */
export function surfaceQuery(question: HeatQuestion, kind: ReturnType<typeof timeKind>, now: Date): Query {
  return {
    layer: question.layer,
    radius: question.radius,
    weight: question.weight,
    step: kind === 'none' ? null : question.step,
    ...placesQuery(question, kind, now),
  }
}
