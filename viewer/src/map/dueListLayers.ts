import type { LayerSpecification, SourceSpecification } from 'maplibre-gl'
import type { Theme } from '../stores/appearance'

export const DUE_LIST = 'due-list'

const MAX_ZOOM = 16
/** From this zoom on the tiles hold every building, before it they hold counted cells. */
const DETAIL_ZOOM = 14

/** Where the tiles of a list are and what their layer is called. */
export interface DueTiles {
  readonly tiles: string
  readonly layer: 'rentals_due' | 'care_due'
}

interface Colours {
  readonly green: string
  readonly yellow: string
  readonly orange: string
  readonly red: string
  readonly none: string
  readonly care: string
  readonly overdue: string
  readonly soon: string
  readonly casing: string
  readonly text: string
}

const COLOURS: Readonly<Record<Theme, Colours>> = {
  light: { green: '#1d8a55', yellow: '#c99700', orange: '#d9650b', red: '#c4262e', none: '#6b7785', care: '#8e44ad', overdue: '#d92d20', soon: '#f0a400', casing: '#ffffff', text: '#ffffff' },
  dark: { green: '#4fc98b', yellow: '#f2cf4e', orange: '#ff9a52', red: '#ff6b62', none: '#8d99a6', care: '#c58be0', overdue: '#ff4d42', soon: '#ffc53d', casing: '#0b1018', text: '#0b1018' },
}

export function dueListSource(tiles: string, origin: string): SourceSpecification {
  return { type: 'vector', tiles: [`${origin}${tiles}`], minzoom: 6, maxzoom: MAX_ZOOM }
}

/**
 * Houses with rentals of the list in the colour of the strictest class, or with homes in care in one colour, ringed
 * when one is overdue or due soon; further out circles with how many there are. They are picked as the buildings they
 * stand for.
 */
export function dueListLayers(theme: Theme, layer: DueTiles['layer']): LayerSpecification[] {
  const colour = COLOURS[theme]
  const byClass = ['match', ['get', 'colour'], 'green', colour.green, 'yellow', colour.yellow, 'orange', colour.orange, 'red', colour.red, layer === 'care_due' ? colour.care : colour.none]
  const ring = ['case', ['>', ['get', 'overdue'], 0], colour.overdue, ['>', ['get', 'due_soon'], 0], colour.soon, colour.casing]
  const ringWidth = ['case', ['>', ['+', ['get', 'overdue'], ['get', 'due_soon']], 0], 3, 1.5]
  const common = { source: DUE_LIST, 'source-layer': layer }
  const look = { 'circle-color': byClass, 'circle-stroke-color': ring, 'circle-stroke-width': ringWidth }
  const layers = [
    {
      ...common,
      id: 'buildings:due-cells',
      type: 'circle',
      maxzoom: DETAIL_ZOOM,
      paint: { ...look, 'circle-radius': ['interpolate', ['linear'], ['sqrt', ['get', 'count']], 1, 8, 6, 14, 40, 24] },
    },
    {
      ...common,
      id: 'buildings:due-points',
      type: 'circle',
      minzoom: DETAIL_ZOOM,
      paint: { ...look, 'circle-radius': ['interpolate', ['linear'], ['zoom'], 14, 5, 18, 10] },
    },
    {
      ...common,
      id: 'buildings:due-counts',
      type: 'symbol',
      filter: ['>', ['get', 'count'], 1],
      layout: { 'text-field': ['to-string', ['get', 'count']], 'text-size': ['interpolate', ['linear'], ['zoom'], 13, 11, 14, 8, 17, 11], 'text-allow-overlap': true },
      paint: { 'text-color': colour.text },
    },
  ]
  return layers as unknown as LayerSpecification[]
}
