import { describe, expect, it } from 'vitest'
import { rampOf } from './ramp'
import type { Colour } from '../colour'

type Matrix = readonly [Colour, Colour, Colour]

const linear = (value: number) => {
  const share = value / 255
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
}

/** CIE lightness L*, 0–100. */
function lightness([red, green, blue]: Colour): number {
  const y = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y
}

// Simulation of full dichromacy on sRGB (Machado, Oliveira, Fernandes 2009, severity 1).
const BLINDNESS: Readonly<Record<string, Matrix>> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

const seen = (matrix: Matrix, colour: Colour): Colour => {
  const mixed = matrix.map((row) => row.reduce((sum, weight, i) => sum + weight * (colour[i] ?? 0), 0))
  return mixed.map((value) => Math.max(0, Math.min(255, value))) as unknown as Colour
}

describe.each(['light', 'dark'] as const)('the %s ramp', (theme) => {
  const direction = theme === 'light' ? -1 : 1

  it.each(['normal sight', ...Object.keys(BLINDNESS)])('is told apart in its order by %s', (sight) => {
    const matrix = BLINDNESS[sight]
    const colours = rampOf(theme, 6).map((colour) => (matrix ? seen(matrix, colour) : colour))
    const steps = colours.map(lightness)
    for (let i = 1; i < steps.length; i += 1)
      expect(((steps[i] ?? 0) - (steps[i - 1] ?? 0)) * direction, `${sight}, class ${i}`).toBeGreaterThan(5)
  })

  it('keeps the strongest colours when there are fewer classes', () => {
    expect(rampOf(theme, 2)).toEqual(rampOf(theme, 6).slice(4))
    expect(rampOf(theme, 0)).toEqual([])
  })
})
