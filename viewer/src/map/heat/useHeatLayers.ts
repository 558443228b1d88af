import { onBeforeUnmount, watch } from 'vue'
import type { Ref } from 'vue'
import { pictureOf } from '../../model/heat/picture'
import type { Colour } from '../../model/colour'
import { rampOf } from '../../model/heat/ramp'
import { classOf, placeOf } from '../../model/heat/surface'
import type { HeatGrid } from '../../model/heat/surface'
import { useAppearance } from '../../stores/appearance'
import type { Theme } from '../../stores/appearance'
import { useHeat } from '../../stores/heat'
import { useLive } from '../../stores/live'
import { BELOW } from '../buildStyle'
import type { MapController } from '../mapController'

const OWNER = 'heat'
/** The highest column, as a share of the width of the surface, and in metres at most. */
const HEIGHT_SHARE = 0.09
const HIGHEST = 1_500
/** Of the width of a cell; the rest lets neighbours stand apart. */
const COLUMN_SHARE = 0.86

interface Shown {
  readonly grid: HeatGrid
  readonly values: Float32Array
  readonly breaks: readonly number[]
  readonly maximum: number
  readonly theme: Theme
}

interface Column {
  readonly position: [number, number]
  readonly value: number
  readonly colour: Colour
}

/** A property of the overlay that the layers' own types do not know. */
const placedBelow = (beforeId: string) => ({ beforeId })

function coloursOf({ breaks, theme }: Shown): readonly Colour[] {
  return rampOf(theme, breaks.length)
}

/** The cells that are in the legend. */
function columnsOf(shown: Shown): Column[] {
  const { grid, values, breaks } = shown
  const colours = coloursOf(shown)
  const columns: Column[] = []
  for (const [cell, value] of values.entries()) {
    const colour = colours[classOf(value, breaks) - 1]
    if (!colour) continue
    const position = placeOf(grid, (cell % grid.columns) + 0.5, Math.floor(cell / grid.columns) + 0.5)
    columns.push({ position, value, colour })
  }
  return columns
}

async function surfaceLayer(shown: Shown) {
  const { BitmapLayer } = await import('@deck.gl/layers')
  const { width, height, pixels } = pictureOf(shown.grid, shown.values, shown.breaks, coloursOf(shown))
  return new BitmapLayer({
    id: `${OWNER}-surface`,
    ...placedBelow(BELOW.blocks),
    bounds: [...shown.grid.bounds],
    image: new ImageData(pixels, width, height),
    textureParameters: { minFilter: 'linear', magFilter: 'linear' },
  })
}

async function columnLayer(shown: Shown) {
  const { ColumnLayer } = await import('@deck.gl/layers')
  const { grid, maximum } = shown
  const highest = Math.min(HIGHEST, grid.columns * grid.cell_width * HEIGHT_SHARE)
  return new ColumnLayer<Column>({
    id: `${OWNER}-columns`,
    ...placedBelow(BELOW.names),
    data: columnsOf(shown),
    diskResolution: 4,
    angle: 45,
    // From the middle to a corner.
    radius: (grid.cell_width * COLUMN_SHARE) / Math.SQRT2,
    elevationScale: highest / maximum,
    getPosition: ({ position }) => position,
    getElevation: ({ value }) => value,
    getFillColor: ({ colour }) => [...colour],
    material: { ambient: 0.62, diffuse: 0.5, shininess: 12 },
  })
}

/** Draws the frame of the heat map that is on, as a surface or as columns, and asks anew when its rows change. */
export function useHeatLayers(controller: Ref<MapController | null>) {
  const appearance = useAppearance()
  const heat = useHeat()
  const live = useLive()

  function shown(): Shown | null {
    const { surface } = heat
    const values = heat.valuesOf(heat.frame)
    if (!surface?.grid || !values || surface.breaks.length === 0) return null
    const { grid, breaks, maximum } = surface
    return { grid, values, breaks, maximum, theme: appearance.theme }
  }

  /** Pictures are made in order; one that comes late, after another was asked for, is not shown. */
  let latest = 0

  async function draw(map: MapController) {
    latest += 1
    const turn = latest
    const now = shown()
    const isColumns = heat.question?.look === 'columns'
    const layers = now ? [await (isColumns ? columnLayer(now) : surfaceLayer(now))] : []
    if (turn !== latest) return
    await map.setDeckLayers(OWNER, layers)
    map.map.getContainer().dataset.heat = now ? `${isColumns ? 'columns' : 'surface'} ${heat.frame}` : ''
  }

  const stops = [
    watch(
      [controller, () => heat.surface, () => heat.frame, () => heat.question?.look, () => appearance.theme],
      ([map]) => map && draw(map),
    ),
    live.onChange(({ layer }) => {
      if (heat.question?.layer === layer) heat.reloadLater()
    }),
    live.onGap(() => heat.reloadLater()),
  ]
  onBeforeUnmount(() => {
    for (const stop of stops) stop()
  })
}
