/** What a cell counts; null stands for what is not known. */
export interface PopulationColumn {
  readonly register?: string | null
  readonly sex?: string | null
  readonly age?: number | null
  readonly age_group?: number | null
}

/** A number, or null where it is hidden or nobody may know. */
export type Figure = number | null

/** An area, a grid or a building with who lives there; `cells` has one figure for each column. */
export interface PopulationRow {
  readonly code: string
  readonly name: string
  readonly level: string
  readonly people: Figure
  readonly households: Figure
  readonly dwellings: Figure
  readonly rentals: Figure
  readonly cells: readonly Figure[]
}

export interface PopulationMonth {
  readonly month: string
  readonly moved_in: Figure
  readonly moved_out: Figure
  readonly people: Figure
}

/** Where not exact, small figures are hidden, and others by which they could be told. */
export interface Population {
  readonly is_exact: boolean
  readonly above: readonly { readonly code: string; readonly name: string }[]
  readonly columns: readonly PopulationColumn[]
  readonly total: PopulationRow
  readonly rows: readonly PopulationRow[]
  readonly months: readonly PopulationMonth[]
}

export const COUNTED = ['people', 'households', 'dwellings', 'rentals'] as const
export type Counted = (typeof COUNTED)[number]

const BELOW: Readonly<Record<number, string>> = { 0: 'county', 2: 'city', 4: 'county', 6: 'street', 9: 'community', 12: 'grid', 14: 'building' }

/** What lies directly below an area of that code; null below what is no area. */
export function levelBelow(code: string): string | null {
  return BELOW[code.length] ?? null
}

/** A band of ages; men and women are null where they are not told apart. */
export interface AgeBand {
  readonly age: number
  readonly men: Figure
  readonly women: Figure
  readonly people: Figure
}

/** People by age, the youngest first; who is of no known sex or age is left out. */
export function ageBandsOf(columns: readonly PopulationColumn[], cells: readonly Figure[]): readonly AgeBand[] {
  const ages = [...new Set(columns.flatMap(({ age }) => (typeof age === 'number' ? [age] : [])))].sort((a, b) => a - b)
  const figure = (age: number, sex?: string) => cells[columns.findIndex((each) => each.age === age && each.sex === sex)] ?? null
  return ages.map((age) => {
    const men = figure(age, '1')
    const women = figure(age, '2')
    return { age, men, women, people: men === null || women === null ? figure(age) : men + women }
  })
}

/** Sum of the bands from an age on, up to another; null when one of them is hidden. */
export function peopleAged(bands: readonly AgeBand[], from: number, to = Infinity): Figure {
  return bands
    .filter(({ age }) => age >= from && age < to)
    .reduce<Figure>((sum, { people }) => (sum === null || people === null ? null : sum + people), 0)
}

/** A part of a whole from 0 to 1; null when one is hidden or there is nobody. */
export function shareOf(part: Figure, whole: Figure): number | null {
  return part === null || !whole ? null : part / whole
}

/** What people moving in and out add up to; null when one of the months is hidden. */
export function netMoves(months: readonly PopulationMonth[]): Figure {
  return months.reduce<Figure>(
    (sum, { moved_in, moved_out }) => (sum === null || moved_in === null || moved_out === null ? null : sum + moved_in - moved_out),
    0,
  )
}

export const STEPS = 5

/** Least values of up to five classes with about as many areas each, ascending and all different. */
export function breaksOf(values: readonly Figure[]): readonly number[] {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b)
  const starts = Array.from({ length: STEPS }, (_, step) => known[Math.floor((step * known.length) / STEPS)])
  return [...new Set(starts.filter((value) => value !== undefined))]
}

/** The class of a value, from 0; null for what is hidden. */
export function classOf(value: Figure, breaks: readonly number[]): number | null {
  if (value === null) return null
  const above = breaks.findIndex((start) => value < start)
  return above < 0 ? breaks.length - 1 : Math.max(0, above - 1)
}

/** Which of the five colours a class has, so that a few classes differ as much as they can. */
export function stepOf(place: number, classes: number): number {
  return classes < 2 ? STEPS - 1 : Math.round((place * (STEPS - 1)) / (classes - 1))
}

/** Colours from few to many, and of what is hidden. */
export const STEP_COLOURS = {
  light: { steps: ['#d3e5f2', '#9ecae1', '#5ba3cf', '#2878b5', '#0b4a8a'], hidden: '#8d949c' },
  dark: { steps: ['#23405c', '#2a5c86', '#3a80b3', '#62aadb', '#a9d8f5'], hidden: '#6b737c' },
} as const
