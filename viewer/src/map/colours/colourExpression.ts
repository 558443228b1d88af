import type { BuildingColours } from '../../model/buildingColours'
import type { ClassColours } from './buildingPalette'

/** How buildings are coloured now; `emphasis` is the place of the class that stands out. */
export interface BuildingDress {
  readonly colours: BuildingColours
  readonly emphasis: number | null
}

/** The state of a building that holds its counted value. */
export const VALUE_STATE = 'value'

/** The colour of a building as a MapLibre expression. */
export function colourExpression({ colours, emphasis }: BuildingDress, palette: ClassColours): unknown[] {
  const value = colours.field === null ? ['feature-state', VALUE_STATE] : ['get', colours.field]
  const colourOf = (index: number) =>
    emphasis === null || emphasis === index ? (palette.classes[index] ?? palette.none) : palette.none
  const coded = colours.classes.flatMap(({ code }, index) => (code === null ? [] : [code, colourOf(index)]))
  if (coded.length > 0) return ['match', value, ...coded, palette.none]
  const steps = colours.classes.flatMap(({ from }, index) => [from ?? 0, colourOf(index)])
  return ['case', ['==', ['typeof', value], 'number'], ['step', value, palette.none, ...steps], palette.none]
}
