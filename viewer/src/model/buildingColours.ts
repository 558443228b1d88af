import type { Right } from '../generated/layers'

/** What buildings may be coloured by. */
export type Colouring = 'usage' | 'age' | 'rentals' | 'incidents'

/** Which right a colouring needs beside seeing buildings; in the order they are offered. */
export const COLOURINGS: readonly { readonly by: Colouring; readonly right: Right }[] = [
  { by: 'usage', right: 'base:read' },
  { by: 'age', right: 'base:read' },
  { by: 'rentals', right: 'housing:read' },
  { by: 'incidents', right: 'incidents:read' },
]

/** A class of a colouring: a code, or values from `from` up to the next class. */
export interface ColourClass {
  readonly code: string | null
  readonly from: number | null
  readonly count: number
}

/** The classes in order. `field` names the value in the tile; null where values are asked for by tile. */
export interface BuildingColours {
  readonly by: Colouring
  readonly field: string | null
  readonly classes: readonly ColourClass[]
  /** Buildings in no class, and all buildings. */
  readonly without: number
  readonly buildings: number
}

export interface BuildingValues {
  readonly ids: readonly number[]
  readonly values: readonly number[]
}

export function isColouring(text: string): text is Colouring {
  return COLOURINGS.some(({ by }) => by === text)
}

/** First and last value of a class; the last is null where there is no end. */
export function rangeOf(classes: readonly ColourClass[], index: number): { readonly from: number; readonly to: number | null } {
  const next = classes[index + 1]?.from
  return { from: classes[index]?.from ?? 0, to: next === undefined || next === null ? null : next - 1 }
}
