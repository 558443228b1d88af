import type { Geometry } from './bounds'
import type { LonLat } from './geography'

/** Longitude and latitude in degrees, EPSG:4326. */
export type Position = readonly [number, number]

/** A geometry that a person drew. Rings are closed and wound as GeoJSON asks. */
export type DrawnGeometry =
  | { readonly type: 'Point'; readonly coordinates: Position }
  | { readonly type: 'LineString'; readonly coordinates: readonly Position[] }
  | { readonly type: 'Polygon'; readonly coordinates: readonly (readonly Position[])[] }

/** What can be drawn. A circle and a rectangle give a polygon. */
export type DrawShape = 'point' | 'line' | 'polygon' | 'circle' | 'rectangle'

/** A circle on the ground, the radius in metres. */
export interface Circle {
  readonly centre: LonLat
  readonly radius: number
}

/** What came of drawing; `circle` beside the polygon when a circle was drawn. */
export interface Drawn {
  readonly geometry: DrawnGeometry
  readonly circle: Circle | null
}

/** One feature to show or to edit that belongs to no layer. */
export interface Shape<G extends Geometry = Geometry> {
  readonly type: 'Feature'
  readonly id?: string | number | undefined
  readonly geometry: G | null
  /** `label` is written on the shape; a `strong` one is drawn heavier. */
  readonly properties: Readonly<Record<string, unknown>> | null
}

export interface ShapeCollection<G extends Geometry = Geometry> {
  readonly features: readonly Shape<G>[]
}

/** How shapes look: what they mean, never a colour; `beside` is a result beside coloured areas. The colours are in `map/shapes/shapeLooks.ts`. */
export type ShapeLook = 'result' | 'draft' | 'fault' | 'zone' | 'track' | 'source' | 'beside' | StepLook | ChangeLook

/** Areas coloured by a figure, from few to many; `hidden` where the figure is not told. */
export type StepLook = 'step1' | 'step2' | 'step3' | 'step4' | 'step5' | 'hidden'

/** Areas coloured by how much a figure has changed, from a strong fall to a strong rise. */
export type ChangeLook = 'fall2' | 'fall1' | 'same' | 'rise1' | 'rise2'

/** Colours of changes by day and by night: blue for less, red for more. */
export const CHANGE_COLOURS = {
  light: { fall2: '#2166ac', fall1: '#92c5de', same: '#d5d9dd', rise1: '#f4a582', rise2: '#b2182b' },
  dark: { fall2: '#62aadb', fall1: '#3a6f9e', same: '#5b6470', rise1: '#b5654a', rise2: '#ff8a6b' },
} as const

/** The colour of a result by day and by night, for legends too. */
export const RESULT_COLOURS = { light: '#0b7285', dark: '#4ed0e1' } as const
