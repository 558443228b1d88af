import type { Geometry } from '../bounds'
import { breaksOf, classOf, STEP_COLOURS, stepOf } from '../population'
import type { Figure } from '../population'
import { CHANGE_COLOURS } from '../shape'
import type { ChangeLook, Shape, ShapeLook, StepLook } from '../shape'

/** One feature of a result. */
export interface ResultFeature {
  readonly id?: string | number
  readonly geometry: Geometry | null
  readonly properties: Readonly<Record<string, unknown>>
}

export interface ResultCollection {
  readonly features: readonly ResultFeature[]
  /** How many there are, where not all are told. */
  readonly numberMatched?: number
}

/** One row of the table; `index` is its place in the collection. */
export interface ResultRow {
  readonly index: number
  readonly feature: ResultFeature
}

export const MOST_ROWS = 200
export const MOST_SHAPES = 5_000
const LOOKED_AT = 200
const NAMES = ['name', 'code', 'number', 'title', 'address', 'plate']
/** Figures by which results are coloured, the first that is there. */
const USUAL_FIGURES = ['share', 'count', 'incidents', 'change', 'second', 'limit', 'minutes', 'distance_m']
/** Numbers that count or measure nothing. */
const NO_FIGURES = /^(id|number|row_version|lon|lat|level|age|facility)$|_id$|code$/
const NOT_TOLD = new Set(['row_version', 'kind'])
const LOOKS = ['step1', 'step2', 'step3', 'step4', 'step5'] as const
/** What is reached first lies within what is reached later: it is darker, and on top. */
const LIMIT = 'limit'
/** A change has a middle: its classes are the same for every result. */
const CHANGE = 'change'
const CHANGE_LOOKS = ['fall2', 'fall1', 'same', 'rise1', 'rise2'] as const
const CHANGE_BREAKS: readonly number[] = [-Infinity, -0.5, -0.1, 0.1, 0.5]

const isPlain = (value: unknown): boolean => value === null || ['string', 'number', 'boolean'].includes(typeof value)

/** Names of the properties that a table can tell, those that name a feature first; empty ones are left out. */
export function columnsOf(features: readonly ResultFeature[]): readonly string[] {
  const sample = features.slice(0, LOOKED_AT)
  const names = [...new Set(sample.flatMap(({ properties }) => Object.keys(properties)))].filter((name) => !NOT_TOLD.has(name))
  const told = names.filter((name) => {
    const values = sample.map(({ properties }) => properties[name]).filter((value) => value !== undefined)
    return values.every(isPlain) && values.some((value) => value !== null && value !== '')
  })
  const rank = (name: string) => (NAMES.includes(name) ? NAMES.indexOf(name) : NAMES.length)
  return told.toSorted((a, b) => rank(a) - rank(b))
}

/** The columns whose values are numbers that count or measure something. */
export function figuresOf(features: readonly ResultFeature[], columns: readonly string[]): readonly string[] {
  const sample = features.slice(0, LOOKED_AT)
  return columns.filter((name) => {
    const values = sample.map(({ properties }) => properties[name]).filter((value) => value !== undefined && value !== null)
    return !NO_FIGURES.test(name) && values.length > 0 && values.every((value) => typeof value === 'number')
  })
}

/** The figure by which a result is coloured at first; '' for none. */
export function usualFigure(figures: readonly string[]): string {
  return USUAL_FIGURES.find((name) => figures.includes(name)) ?? ''
}

/** The figure of a feature: null where it is not told, undefined where there is none. */
export function figureOf({ properties }: ResultFeature, name: string): Figure | undefined {
  const value = properties[name]
  return typeof value === 'number' || value === null ? value : undefined
}

/** Least values of up to five classes of a figure, ascending. */
export function classesOf(features: readonly ResultFeature[], figure: string): readonly number[] {
  if (figure === CHANGE) return CHANGE_BREAKS
  return figure === '' ? [] : breaksOf(features.map((feature) => figureOf(feature, figure) ?? null))
}

/** The look of a class of a figure, of so many classes. */
export function classLook(figure: string, place: number, classes: number): StepLook | ChangeLook {
  const step = figure === LIMIT ? classes - 1 - place : place
  return (figure === CHANGE ? CHANGE_LOOKS[place] : LOOKS[stepOf(step, classes)]) ?? 'hidden'
}

/** The look of a feature: by the class of its figure; one without that figure stands beside them. */
export function lookOf(feature: ResultFeature, figure: string, breaks: readonly number[]): ShapeLook {
  if (breaks.length === 0) return 'result'
  const value = figureOf(feature, figure)
  if (value === undefined) return 'beside'
  const place = classOf(value, breaks)
  return place === null ? 'hidden' : classLook(figure, place, breaks.length)
}

/** The colour of a class in a legend. */
export function classColour(theme: 'light' | 'dark', look: StepLook | ChangeLook): string {
  const { steps, hidden } = STEP_COLOURS[theme]
  const changes: Readonly<Partial<Record<string, string>>> = CHANGE_COLOURS[theme]
  return changes[look] ?? steps[LOOKS.findIndex((each) => each === look)] ?? hidden
}

/** The shapes of a result by their look, the first `MOST_SHAPES` of them; a shape's id is its place. */
export function shapesOf(features: readonly ResultFeature[], figure: string): ReadonlyMap<ShapeLook, readonly Shape[]> {
  const breaks = classesOf(features, figure)
  const shapes = new Map<ShapeLook, Shape[]>()
  for (const [index, feature] of features.slice(0, MOST_SHAPES).entries()) {
    if (!feature.geometry) continue
    const look = lookOf(feature, figure, breaks)
    const found = shapes.get(look) ?? []
    found.push({ type: 'Feature', geometry: feature.geometry, properties: { index } })
    shapes.set(look, found)
  }
  return shapes
}

function compared(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), 'zh-CN', { numeric: true })
}

/** The rows by a column; what does not know it comes last. */
export function rowsBy(features: readonly ResultFeature[], column: string, descending: boolean): readonly ResultRow[] {
  const rows = features.map((feature, index) => ({ index, feature }))
  if (column === '') return rows
  const valueOf = ({ feature }: ResultRow) => feature.properties[column] ?? null
  const known = rows.filter((row) => valueOf(row) !== null)
  const unknown = rows.filter((row) => valueOf(row) === null)
  return [...known.sort((a, b) => (descending ? -1 : 1) * compared(valueOf(a), valueOf(b))), ...unknown]
}
