import type { Fault } from '../../api/client'
import type { Geometry } from '../bounds'
import { chinaDay, DAY_MS } from '../chinaTime'
import type { Bounds } from '../geography'
import type { Condition, Subject } from '../question'
import { featuresAddress } from './features'
import type { ChosenFeatures } from './features'
import type { InputDeclaration, InputSchema, Process } from './process'

/** What a field is asked with. */
export type FieldKind =
  | 'layer' | 'choice' | 'number' | 'switch' | 'text' | 'area' | 'interval' | 'box' | 'polygons' | 'place'
  | 'features' | 'conditions' | 'rules' | 'weight' | 'numbers' | 'json'

export interface AnalysisField {
  readonly name: string
  readonly kind: FieldKind
  readonly title: string
  readonly description: string
  readonly isRequired: boolean
  readonly schema: InputSchema
}

/** Days in China, both ends included; an empty one leaves that end open. */
export interface Days {
  readonly from: string
  readonly to: string
}

/** Polygons to be sent: drawn ones, or all features behind an address below that of the server's OGC APIs. */
export interface Polygons {
  readonly source: string
  readonly drawn: readonly Geometry[]
}

export type Conditions = Readonly<Record<string, readonly string[]>>

/** What a form holds, by the name of the field; numbers, several of them and JSON as they were typed. */
export interface FormValues {
  readonly texts: Readonly<Record<string, string>>
  readonly switches: Readonly<Record<string, boolean>>
  readonly days: Readonly<Record<string, Days>>
  readonly boxes: Readonly<Record<string, Bounds | null>>
  readonly polygons: Readonly<Record<string, Polygons>>
  readonly places: Readonly<Record<string, Subject | null>>
  readonly conditions: Readonly<Record<string, Conditions>>
  readonly rules: Readonly<Record<string, readonly Condition[]>>
  readonly features: Readonly<Record<string, ChosenFeatures>>
}

const NO_DAYS: Days = { from: '', to: '' }
const USUAL_DAYS = 30
const BETWEEN_NUMBERS = /[\s,，、;；]+/
/** Where polygons come from: drawn, or a path of items below the OGC APIs. */
export const DRAWN = ''
export const POLYGON_SOURCES = {
  grids: '/collections/grids/items?kind=governance',
  communities: '/collections/areas/items?level=community',
  streets: '/collections/areas/items?level=street',
} as const

const BY_FORMAT: Readonly<Record<string, FieldKind>> = {
  'area-code': 'area',
  interval: 'interval',
  'ogc-bbox': 'box',
  place: 'place',
  conditions: 'conditions',
  'layer-conditions': 'rules',
  'numeric-property': 'weight',
}

function kindOf(schema: InputSchema, isLayerName: (name: string) => boolean): FieldKind {
  const { type, format = '' } = schema
  if (schema.enum) return schema.enum.every(isLayerName) ? 'layer' : 'choice'
  const kinds = format === 'geojson-feature-collection' ? (schema.properties?.type?.enum ?? []) : []
  if (kinds.includes('Point')) return 'features'
  if (kinds.includes('Polygon')) return 'polygons'
  const known = BY_FORMAT[format]
  if (known) return known
  if (type === 'boolean') return 'switch'
  if (type === 'number' || type === 'integer') return 'number'
  if (type === 'array' && schema.items?.type === 'number') return 'numbers'
  return type === 'string' ? 'text' : 'json'
}

function fieldOf(name: string, declared: InputDeclaration, isLayerName: (name: string) => boolean): AnalysisField {
  const { title, description = '', minOccurs, schema } = declared
  return { name, kind: kindOf(schema, isLayerName), title, description, isRequired: (minOccurs ?? 1) > 0, schema }
}

/** The fields of the form of a process, what must be filled in first. */
export function fieldsOf(process: Process, isLayerName: (name: string) => boolean): readonly AnalysisField[] {
  const fields = Object.entries(process.inputs).map(([name, declared]) => fieldOf(name, declared, isLayerName))
  return [...fields.filter(({ isRequired }) => isRequired), ...fields.filter(({ isRequired }) => !isRequired)]
}

/** The last days up to today, or those of the same number before them. */
function lastDays(now: Date, periodsBack: number): Days {
  const day = (back: number) => chinaDay(new Date(now.getTime() - back * DAY_MS))
  const end = periodsBack * USUAL_DAYS
  return { from: day(end + USUAL_DAYS - 1), to: day(end) }
}

/** What a form begins with: the usual values of the server, of times that are needed the last thirty days. */
export function usualValues(fields: readonly AnalysisField[], now: Date): FormValues {
  const of = <Value>(kinds: readonly FieldKind[], value: (field: AnalysisField) => Value) =>
    Object.fromEntries(fields.filter(({ kind }) => kinds.includes(kind)).map((field) => [field.name, value(field)]))
  const times = fields.filter(({ kind, isRequired }) => kind === 'interval' && isRequired).map(({ name }) => name)
  return {
    texts: of(['layer', 'choice', 'number', 'numbers', 'text', 'area', 'weight', 'json'], ({ schema }) =>
      schema.default === undefined ? '' : String(schema.default)),
    switches: of(['switch'], ({ schema }) => schema.default === true),
    days: of(['interval'], ({ name }) =>
      times.includes(name) ? lastDays(now, times.length - 1 - times.indexOf(name)) : NO_DAYS),
    boxes: of(['box'], () => null),
    polygons: of(['polygons'], () => ({ source: POLYGON_SOURCES.grids, drawn: [] })),
    places: of(['place'], () => null),
    conditions: of(['conditions'], () => ({})),
    rules: of(['rules'], () => []),
    features: of(['features'], () => ({ layer: '', rules: [] })),
  }
}

/** RFC 3339 start/end of days in China; undefined when both ends are open. */
export function intervalOf({ from, to }: Days): string | undefined {
  if (!from && !to) return undefined
  const midnight = (day: string) => `${day}T00:00:00+08:00`
  const after = (day: string) => new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10)
  return `${from ? midnight(from) : '..'}/${to ? midnight(after(to)) : '..'}`
}

function polygonsOf({ source, drawn }: Polygons, base: string): object | undefined {
  if (source !== DRAWN) return { href: base + source }
  if (drawn.length === 0) return undefined
  const features = drawn.map((geometry, place) => ({ type: 'Feature', geometry, properties: { number: place + 1 } }))
  return { type: 'FeatureCollection', features }
}

function featuresOf(chosen: ChosenFeatures, base: string): object | undefined {
  const href = featuresAddress(chosen, base)
  return href === undefined ? undefined : { href }
}

/** A number as it was typed; what is none goes as text, for the server to refuse it. */
function numberOf(text: string): number | string {
  const value = Number(text)
  return Number.isFinite(value) ? value : text
}

function conditionsOf(conditions: Conditions): Conditions | undefined {
  const kept = Object.entries(conditions).filter(([, values]) => values.length > 0)
  return kept.length > 0 ? Object.fromEntries(kept) : undefined
}

/** A rule that says nothing yet is left out. */
function rulesOf(rules: readonly Condition[]): readonly Condition[] | undefined {
  const saysMore = ({ field: _, ...told }: Condition) => Object.values(told).some((value) => !Array.isArray(value) || value.length > 0)
  const kept = rules.filter(saysMore)
  return kept.length > 0 ? kept : undefined
}

function inputOf({ name, kind }: AnalysisField, values: FormValues, base: string): unknown {
  const text = values.texts[name]?.trim() ?? ''
  switch (kind) {
    case 'switch': return values.switches[name]
    case 'interval': return intervalOf(values.days[name] ?? NO_DAYS)
    case 'box': return values.boxes[name] ?? undefined
    case 'polygons': return polygonsOf(values.polygons[name] ?? { source: DRAWN, drawn: [] }, base)
    case 'place': return values.places[name] ?? undefined
    case 'conditions': return conditionsOf(values.conditions[name] ?? {})
    case 'rules': return rulesOf(values.rules[name] ?? [])
    case 'features': return featuresOf(values.features[name] ?? { layer: '', rules: [] }, base)
    case 'numbers': return text === '' ? undefined : text.split(BETWEEN_NUMBERS).filter(Boolean).map(numberOf)
    case 'number': return text === '' ? undefined : numberOf(text)
    case 'json': return text === '' ? undefined : (JSON.parse(text) as unknown)
    default: return text === '' ? undefined : text
  }
}

/**
 * What is sent of a form; `base` is the address of the server's OGC APIs. What is empty is left out. Only what
 * is no JSON is found wrong here, all else by the server.
 */
export function inputsOf(fields: readonly AnalysisField[], values: FormValues, base: string) {
  const inputs: Record<string, unknown> = {}
  const faults: Fault[] = []
  for (const field of fields) {
    try {
      const value = inputOf(field, values, base)
      if (value !== undefined) inputs[field.name] = value
    } catch {
      faults.push({ field: field.name, reason: 'JSON expected' })
    }
  }
  return { inputs, faults }
}

/** What is wrong by the field it is told at, and what belongs to none; a fault is of a field or below it. */
export function faultsByField(fields: readonly AnalysisField[], faults: readonly Fault[], detail: string) {
  const names = new Set(fields.map(({ name }) => name))
  const [, start = '', rest = ''] = /^(\w+)(?:\.[\w.]+)?: (.*)$/s.exec(detail) ?? []
  const told = faults.length > 0 ? faults : names.has(start) ? [{ field: start, reason: rest }] : []
  const byField = new Map<string, string>()
  const others: string[] = []
  for (const { field, reason } of told) {
    const name = field.split('.')[0] ?? ''
    if (!names.has(name)) others.push(reason)
    else if (!byField.has(name)) byField.set(name, reason)
  }
  return { byField, others }
}
