/** Red, green and blue, 0–255. */
export type Colour = readonly [number, number, number]

export const cssColour = ([red, green, blue]: Colour): string => `rgb(${red} ${green} ${blue})`
