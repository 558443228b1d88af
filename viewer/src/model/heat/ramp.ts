import type { Colour } from '../colour'

/**
 * Colours of the classes from the lowest to the highest: hue and lightness run one way, so that the order is seen
 * without the hue too (colour blindness, grey prints). By day the highest is the darkest, by night the brightest.
 */
const RAMPS: Readonly<Record<'light' | 'dark', readonly Colour[]>> = {
  light: [
    [254, 217, 138],
    [252, 174, 92],
    [241, 124, 74],
    [212, 72, 83],
    [157, 35, 100],
    [88, 18, 96],
  ],
  dark: [
    [72, 31, 112],
    [128, 41, 122],
    [186, 56, 108],
    [230, 96, 80],
    [250, 155, 84],
    [254, 226, 145],
  ],
}

/** The colours of `count` classes, at most six: the highest classes keep the strongest colours. */
export function rampOf(theme: 'light' | 'dark', count: number): readonly Colour[] {
  const ramp = RAMPS[theme]
  return ramp.slice(Math.max(0, ramp.length - count))
}
