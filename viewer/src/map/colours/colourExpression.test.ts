import { createExpression } from '@maplibre/maplibre-gl-style-spec'
import { describe, expect, it } from 'vitest'
import type { BuildingColours, ColourClass, Colouring } from '../../model/buildingColours'
import { LAYERS } from '../../generated/layers'
import { classColours } from './buildingPalette'
import type { ClassColours } from './buildingPalette'
import { VALUE_STATE, colourExpression } from './colourExpression'

const byNumber = (from: number): ColourClass => ({ code: null, from, count: 0 })
const colours = (by: Colouring, field: string | null, classes: readonly ColourClass[]): BuildingColours => ({
  by, field, classes, without: 0, buildings: 0,
})
const RENTALS = colours('rentals', null, [0, 1, 11, 31, 51].map(byNumber))
const AGE = colours('age', 'built_year', [1800, 1980, 1990, 2000, 2010, 2020].map(byNumber))
const USAGE = colours('usage', 'usage', ['B1', 'B2'].map((code) => ({ code, from: null, count: 0 })))

const buildings = LAYERS.find(({ name }) => name === 'buildings')
if (!buildings) throw new Error('no buildings in the catalogue')
const paletteOf = (given: BuildingColours) => classColours(given, 'light', buildings)

function colourOf(given: BuildingColours, value: unknown, emphasis: number | null = null): string {
  const made = createExpression(colourExpression({ colours: given, emphasis }, paletteOf(given)), 'colour')
  if (made.result === 'error') throw new Error(JSON.stringify(made.value))
  const properties = given.field === null || value === undefined ? {} : { [given.field]: value }
  const state = given.field === null && value !== undefined ? { [VALUE_STATE]: value } : {}
  return String(made.value.evaluate({ zoom: 15 }, { type: 'Polygon', properties }, state))
}

const [rentals, age, usage] = [RENTALS, AGE, USAGE].map(paletteOf) as [ClassColours, ClassColours, ClassColours]

describe('the colour of a building', () => {
  it('is that of the class its value falls into', () => {
    expect([0, 1, 10, 11, 100].map((value) => colourOf(RENTALS, value))).toEqual(
      [0, 1, 1, 2, 4].map((place) => rentals.classes[place]),
    )
    expect([1979, 1980, 2024].map((year) => colourOf(AGE, year))).toEqual([0, 1, 5].map((place) => age.classes[place]))
    expect(colourOf(USAGE, 'B2')).toBe(usage.classes[1])
    expect(usage.classes[0]).toMatch(/^#[0-9a-f]{6}$/)
    expect(new Set([...usage.classes, usage.none]).size).toBe(3)
  })

  it('is that of none without a value, or before the first class', () => {
    expect(colourOf(RENTALS, undefined)).toBe(rentals.none)
    expect(colourOf(AGE, 1700)).toBe(age.none)
    expect(colourOf(USAGE, 'B9')).toBe(usage.none)
  })

  it('stands back when another class is looked at', () => {
    expect(colourOf(RENTALS, 60, 4)).toBe(rentals.classes[4])
    expect(colourOf(RENTALS, 5, 4)).toBe(rentals.none)
  })
})
