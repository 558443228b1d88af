import type { LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { LayerDeclaration, LayerName, PaintFragment } from '../generated/layers'
import type { MapMode } from '../model/geography'
import type { Theme } from '../stores/appearance'
import { CASE_LIST, caseListLayers, caseListSource } from './caseListLayers'
import { DUE_LIST, dueListLayers, dueListSource } from './dueListLayers'
import type { DueTiles } from './dueListLayers'
import { classColours } from './colours/buildingPalette'
import { colourExpression } from './colours/colourExpression'
import type { BuildingDress } from './colours/colourExpression'
import { drawStage } from './drawOrder'
import { highlightLayers, isOneOf } from './highlightLayers'
import type { Lights } from './highlightLayers'
import { PALETTES } from './palette'
import type { MapPalette } from './palette'
import { shapeLayers, shapeSources } from './shapes/shapeStyle'
import type { ShapeOverlays } from './shapes/shapeStyle'
import { sourceOf, tileSources } from './tileSources'
import type { TileSource } from './tileSources'

/** Everything the look of the map depends on. */
export interface StyleInput {
  readonly layers: readonly LayerDeclaration[]
  readonly visible: ReadonlySet<LayerName>
  readonly theme: Theme
  readonly mode: MapMode
  readonly lights: Lights
  /** What panels show beside the layers: results, drafts, zones. */
  readonly shapes: ShapeOverlays
  /** The work list shown in place of all incidents; see stores/caseList. */
  readonly caseTiles?: string | null
  /** The rentals due for inspection or homes in care, shown over their houses; see stores/dueList and careList. */
  readonly due?: DueTiles | null
  /** How buildings are coloured; null as the layer declares. */
  readonly dress: BuildingDress | null
  /** The building that stands open: its block makes way, the others step back. */
  readonly opened: number | null
  /** Factor for the size of names: 1 on a desk, more on a wall. */
  readonly textScale: number
  /** Where tiles come from, without a slash at the end. */
  readonly origin: string
}

/**
 * Two layers that draw nothing and are always there: what is put before them lies on the ground below blocks, or
 * above points and below names, whatever is turned on.
 */
export const BELOW = { blocks: 'below-blocks', names: 'below-names' } as const

const STEPPED_BACK_OPACITY = 0.42

const LABEL_HERE = ['!=', ['get', 'label_here'], false]

interface Drawn {
  readonly layer: LayerDeclaration
  readonly fragment: PaintFragment
  readonly index: number
}

/** The name of the style layer made from the n-th fragment of a layer. */
export function styleLayerId(layer: LayerName, index: number): string {
  return `${layer}:${index}`
}

/** The layer a style layer was made for; null for the ground and for lights. */
export function layerOfStyleLayer(id: string): string | null {
  const [name, index] = id.split(':')
  return name && index !== undefined ? name : null
}

function scaleSize(size: unknown, factor: number): unknown {
  if (typeof size === 'number') return size * factor
  if (!Array.isArray(size) || size[0] !== 'interpolate') return size
  const stopOutput = (part: unknown, index: number) =>
    index > 3 && index % 2 === 0 && typeof part === 'number' ? part * factor : part
  return size.map(stopOutput)
}

/** While a work list is open the map shows what the list holds, and no other case. */
function isReplaced(layer: LayerDeclaration, input: StyleInput): boolean {
  return layer.name === 'incidents' && Boolean(input.caseTiles)
}

function layoutOf({ layer, fragment }: Drawn, input: StyleInput): Record<string, unknown> {
  const size = fragment.layout?.['text-size']
  return {
    ...fragment.layout,
    ...(size === undefined ? {} : { 'text-size': scaleSize(size, input.textScale) }),
    visibility: input.visible.has(layer.name) && !isReplaced(layer, input) ? 'visible' : 'none',
  }
}

/** The paint in the colours that buildings are dressed in; that of other layers is left alone. */
function dressed(paint: Record<string, unknown>, { layer, fragment }: Drawn, { dress, theme }: StyleInput) {
  if (layer.name !== 'buildings' || dress === null) return paint
  const property = `${fragment.type}-color`
  if (fragment.type !== 'fill' && fragment.type !== 'fill-extrusion') return paint
  return { ...paint, [property]: colourExpression(dress, classColours(dress.colours, theme, layer)) }
}

function paintOf(drawn: Drawn, input: StyleInput, palette: MapPalette): Record<string, unknown> {
  const { layer, fragment } = drawn
  const declared: Record<string, unknown> = { ...fragment.paint, ...fragment.theme?.[input.theme] }
  const paint = dressed(declared, drawn, input)
  if (fragment.type !== 'fill-extrusion') return paint
  let colour: unknown = paint['fill-extrusion-color']
  for (const name of ['found', 'selected'] as const) {
    const light = input.lights[name]
    if (light?.layer !== layer.name || light.ids.length === 0) continue
    colour = ['case', isOneOf(light.ids), palette[name], colour]
  }
  const opacity = input.opened === null ? {} : { 'fill-extrusion-opacity': STEPPED_BACK_OPACITY }
  return { ...paint, 'fill-extrusion-color': colour, ...opacity }
}

/**
 * The filter of a fragment. A polygon cut by tile edges would get its name in every tile: the server marks the
 * one tile that holds its middle.
 */
function filterOf({ layer, fragment }: Drawn, { opened }: StyleInput): readonly unknown[] | undefined {
  if (opened !== null && layer.name === 'buildings' && fragment.type === 'fill-extrusion')
    return ['!', isOneOf([opened])]
  const isNameOfArea = fragment.type === 'symbol' && (layer.geometry?.endsWith('Polygon') ?? false)
  if (!isNameOfArea) return fragment.filter
  return fragment.filter ? ['all', fragment.filter, LABEL_HERE] : LABEL_HERE
}

function styleLayer(
  drawn: Drawn,
  input: StyleInput,
  palette: MapPalette,
  source: TileSource,
): LayerSpecification {
  const { layer, fragment, index } = drawn
  const filter = filterOf(drawn, input)
  const minzoom = Math.max(fragment.minzoom ?? 0, layer.min_zoom)
  return {
    id: styleLayerId(layer.name, index),
    type: fragment.type,
    source: source.id,
    'source-layer': layer.name,
    paint: paintOf(drawn, input, palette),
    layout: layoutOf(drawn, input),
    ...(minzoom > 0 ? { minzoom } : {}),
    ...(fragment.maxzoom === undefined ? {} : { maxzoom: fragment.maxzoom }),
    ...(filter === undefined ? {} : { filter }),
  } as LayerSpecification
}

function drawnFragments(input: StyleInput): Drawn[] {
  const drawn = input.layers.flatMap((layer) =>
    layer.geometry === null
      ? []
      : layer.paint.map((fragment, index) => ({ layer, fragment, index })),
  )
  return drawn
    .filter(({ fragment }) => fragment.mode === undefined || fragment.mode === input.mode)
    .sort((a, b) => drawStage(a.fragment) - drawStage(b.fragment))
}

function lightsOf(input: StyleInput, sources: readonly TileSource[], palette: MapPalette) {
  return (['found', 'selected'] as const).flatMap((name) => {
    const target = input.lights[name]
    const layer = target && input.layers.find((declared) => declared.name === target.layer)
    const source = layer && sourceOf(sources, layer.name)
    return target && layer && source ? highlightLayers(name, target, layer, source.id, palette) : []
  })
}

function vectorSources(sources: readonly TileSource[], origin: string): StyleSpecification['sources'] {
  return Object.fromEntries(
    sources.map(({ id, minZoom, maxZoom }) => [
      id,
      { type: 'vector' as const, tiles: [`${origin}/tiles/${id}/{z}/{x}/{y}`], minzoom: minZoom, maxzoom: maxZoom },
    ]),
  )
}

function anchor(id: string): LayerSpecification {
  return { id, type: 'background', layout: { visibility: 'none' } }
}

/** Puts lights and shapes above the ground and below blocks and names; their points above all points. */
function stacked(layers: LayerSpecification[], lights: LayerSpecification[], input: StyleInput): LayerSpecification[] {
  const isPoint = (layer: LayerSpecification) => layer.type === 'circle'
  const firstOf = (types: readonly string[]) => {
    const found = layers.findIndex((layer) => types.includes(layer.type))
    return found < 0 ? layers.length : found
  }
  const raised = firstOf(['fill-extrusion', 'circle', 'symbol'])
  const named = firstOf(['symbol'])
  const shapes = shapeLayers(input.shapes, input.theme, input.textScale)
  return [
    ...layers.slice(0, raised),
    ...shapes.flat,
    ...lights.filter((light) => !isPoint(light)),
    anchor(BELOW.blocks),
    ...layers.slice(raised, named),
    ...shapes.points,
    ...(input.due ? dueListLayers(input.theme, input.due.layer) : []),
    ...(input.caseTiles ? caseListLayers(input.theme) : []),
    ...lights.filter(isPoint),
    anchor(BELOW.names),
    ...layers.slice(named),
    ...shapes.names,
  ]
}

/**
 * The whole MapLibre style for the declared layers. It has no `glyphs` key on purpose: then all text, Chinese
 * too, is drawn from the fonts of the machine and nothing is fetched.
 */
export function buildStyle(input: StyleInput): StyleSpecification {
  const palette = PALETTES[input.theme]
  const sources = tileSources(input.layers)
  const layers = drawnFragments(input).flatMap((drawn) => {
    const source = sourceOf(sources, drawn.layer.name)
    return source ? [styleLayer(drawn, input, palette, source)] : []
  })
  return {
    version: 8,
    name: 'wangge',
    // What time it is, for paint that depends on it; kept right by lights/useMapLights.
    state: { now: { default: 0 } },
    sources: {
      ...vectorSources(sources, input.origin),
      ...shapeSources(input.shapes),
      ...(input.due ? { [DUE_LIST]: dueListSource(input.due.tiles, input.origin) } : {}),
      ...(input.caseTiles ? { [CASE_LIST]: caseListSource(input.caseTiles, input.origin) } : {}),
    },
    light: { anchor: 'viewport', intensity: 0.22, position: [1.3, 210, 32] },
    sky: {
      'sky-color': palette.sky,
      'horizon-color': palette.horizon,
      'fog-color': palette.horizon,
      'sky-horizon-blend': 0.7,
      'horizon-fog-blend': 0.6,
      'fog-ground-blend': 0.85,
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': palette.ground } },
      ...stacked(layers, lightsOf(input, sources, palette), input),
    ],
  }
}
