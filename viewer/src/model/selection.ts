import type { FeatureReference } from './geography'

/** What the user is looking at: a feature on the map, a room inside it, a person. */
export interface SelectionState {
  readonly selected: FeatureReference | null
  readonly dwelling: number | null
  readonly person: number | null
}

export const NOTHING_SELECTED: SelectionState = { selected: null, dwelling: null, person: null }
