import type { Colour } from '../colour'

/**
 * Colours told apart by people with colour blindness too, after Okabe and Ito (2008), "Color Universal Design"; the tenth
 * object has the colour of the second again, and is told by its label.
 */
const COLOURS: readonly Colour[] = [
  [0, 114, 178],
  [213, 94, 0],
  [0, 158, 115],
  [204, 121, 167],
  [120, 94, 210],
  [86, 180, 233],
  [190, 150, 0],
  [140, 86, 75],
]

/** The colour of the object at that place of the list. */
export function trackColour(index: number): Colour {
  return COLOURS[index % COLOURS.length] ?? [0, 0, 0]
}
