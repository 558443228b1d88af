import { LAYERS } from '../generated/layers'
import type { FeatureReference } from './geography'

export type Period = 'day' | 'week' | 'month' | 'year'
export type LightName = 'green' | 'yellow' | 'red'

export const PERIODS: readonly Period[] = ['day', 'week', 'month', 'year']

/** What the screens of a command centre look at together. */
export interface WallView {
  readonly selected: FeatureReference | null
  /** Digits an area code begins with; empty for everything. */
  readonly area: string
  readonly period: Period
  readonly category: string | null
  readonly light: LightName | null
}

/** The state of a wall as the server keeps it. */
export interface Wall {
  readonly code: string
  readonly version: number
  readonly view: WallView
}

export const FIRST_VIEW: WallView = {
  selected: null,
  area: '',
  period: 'month',
  category: null,
  light: null,
}

const CODE_LETTERS = /^[2-9A-HJKMNP-Z]{8}$/
const AREA = /^\d{0,15}$/

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** `buildings.17` as a reference; null for anything else. */
export function referenceOf(text: unknown): FeatureReference | null {
  const match = typeof text === 'string' ? /^([a-z_]+)\.(\d+)$/.exec(text) : null
  const layer = LAYERS.find(({ name }) => name === match?.[1])
  return match && layer ? { layer: layer.name, id: Number(match[2]) } : null
}

/** The reference as text; null for none. */
export function referenceText(reference: FeatureReference | null): string | null {
  return reference && `${reference.layer}.${reference.id}`
}

/** The view in what the server sent; what cannot be read is as at the start. */
export function viewOf(state: Readonly<Record<string, unknown>>): WallView {
  const { area, period, category, light } = state
  return {
    selected: referenceOf(state.selected),
    area: typeof area === 'string' && AREA.test(area) ? area : FIRST_VIEW.area,
    period: PERIODS.find((known) => known === period) ?? FIRST_VIEW.period,
    category: typeof category === 'string' ? category : null,
    light: light === 'green' || light === 'yellow' || light === 'red' ? light : null,
  }
}

/** The wall in a line of the stream or an answer; null when it is none. */
export function wallOf(value: unknown): Wall | null {
  if (!isRecord(value) || typeof value.code !== 'string' || typeof value.version !== 'number') return null
  if (!isRecord(value.state)) return null
  return { code: value.code, version: value.version, view: viewOf(value.state) }
}

/** Members of a view in the words of the server. */
export function sentOf(change: Partial<WallView>): Record<string, string | null> {
  const { selected, ...others } = change
  return selected === undefined ? { ...others } : { ...others, selected: referenceText(selected) }
}

/** The pairing code as it is typed: blanks and hyphens left out, in capitals; null when it is none. */
export function codeOf(text: string): string | null {
  const code = text.replace(/[\s-]/g, '').toUpperCase()
  return CODE_LETTERS.test(code) ? code : null
}

/** The pairing code as it is read aloud: in two groups of four. */
export function spokenCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** Begin and end of the period that holds `now`, in the reader's time zone: a day, a week from Monday, a month, a year. */
export function rangeOf(period: Period, now: Date): { readonly since: Date; readonly until: Date } {
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()]
  if (period === 'year') return { since: new Date(year, 0, 1), until: new Date(year + 1, 0, 1) }
  if (period === 'month') return { since: new Date(year, month, 1), until: new Date(year, month + 1, 1) }
  if (period === 'day') return { since: new Date(year, month, day), until: new Date(year, month, day + 1) }
  const monday = day - ((now.getDay() + 6) % 7)
  return { since: new Date(year, month, monday), until: new Date(year, month, monday + 7) }
}
