import type { LayerSpecification, SourceSpecification } from 'maplibre-gl'
import type { Theme } from '../stores/appearance'

export const CASE_LIST = 'case-list'

const SOURCE_LAYER = 'cases'
const MAX_ZOOM = 16
/** From this zoom on the tiles hold every case, before it they hold counted cells. */
const DETAIL_ZOOM = 14
const COLOURS: Readonly<Record<Theme, { red: string; yellow: string; green: string; none: string; casing: string; text: string }>> = {
  light: { red: '#d92d20', yellow: '#e08a00', green: '#1d8a55', none: '#6b7785', casing: '#ffffff', text: '#ffffff' },
  dark: { red: '#ff6b62', yellow: '#f2b23e', green: '#4fc98b', none: '#8d99a6', casing: '#0b1018', text: '#0b1018' },
}

export function caseListSource(tiles: string, origin: string): SourceSpecification {
  return { type: 'vector', tiles: [`${origin}${tiles}`], minzoom: 6, maxzoom: MAX_ZOOM }
}

/** Points of the list in the colour of their light; further out circles with how many there are. */
export function caseListLayers(theme: Theme): LayerSpecification[] {
  const colour = COLOURS[theme]
  const moment = ['coalesce', ['get', 'stopped'], ['global-state', 'now']]
  const byLight = [
    'case',
    ['!', ['has', 'due']], colour.none,
    ['>', moment, ['get', 'due']], colour.red,
    ['>=', moment, ['get', 'warn']], colour.yellow,
    colour.green,
  ]
  const byCell = [
    'case',
    ['>', ['get', 'red'], 0], colour.red,
    ['>', ['get', 'yellow'], 0], colour.yellow,
    colour.green,
  ]
  const common = { source: CASE_LIST, 'source-layer': SOURCE_LAYER }
  const casing = { 'circle-stroke-color': colour.casing, 'circle-stroke-width': 1.5 }
  const layers = [
    {
      ...common,
      id: 'incidents:cells',
      type: 'circle',
      maxzoom: DETAIL_ZOOM,
      paint: { ...casing, 'circle-color': byCell, 'circle-radius': ['interpolate', ['linear'], ['sqrt', ['get', 'count']], 1, 6, 6, 13, 40, 24] },
    },
    {
      ...common,
      id: 'incidents:points',
      type: 'circle',
      minzoom: DETAIL_ZOOM,
      paint: { ...casing, 'circle-color': byLight, 'circle-radius': ['interpolate', ['linear'], ['zoom'], 14, 5, 18, 9] },
    },
    {
      ...common,
      id: 'incidents:counts',
      type: 'symbol',
      maxzoom: DETAIL_ZOOM,
      filter: ['>', ['get', 'count'], 1],
      layout: { 'text-field': ['to-string', ['get', 'count']], 'text-size': 11, 'text-allow-overlap': true },
      paint: { 'text-color': colour.text },
    },
  ]
  return layers as unknown as LayerSpecification[]
}
