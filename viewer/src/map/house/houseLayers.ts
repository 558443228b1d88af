import type { PolygonLayer, SolidPolygonLayer } from '@deck.gl/layers'
import { SLAB_METRES } from '../../model/boxes'
import type { OpenBuilding, Outline, RoomBox, Slab } from '../../model/boxes'
import type { Theme } from '../../stores/appearance'
import { BELOW } from '../buildStyle'
import { housePalette, roomColour } from './roomColours'

/** One polygon of a room or slab; `rings` carry the height they stand on, in metres. */
export interface Block<Of> {
  readonly of: Of
  readonly rings: [number, number, number][][]
}

function blocks<Of extends { readonly outline: Outline; readonly base: number }>(all: readonly Of[]): Block<Of>[] {
  return all.flatMap((of) =>
    of.outline.map((polygon) => ({
      of,
      rings: polygon.map((ring) => ring.map(([lon, lat]): [number, number, number] => [lon, lat, of.base])),
    })),
  )
}

const SHINE: [number, number, number] = [40, 40, 40]
const MATERIAL = { ambient: 0.82, diffuse: 0.3, shininess: 12, specularColor: SHINE }

const WALL_METRES = 0.24

interface Look {
  readonly selected: number | null
  readonly theme: Theme
}

/** The opened building: a slab for each floor and the rooms on it. Layer ids begin with `house`. */
export function standingLayers(Polygon: typeof SolidPolygonLayer, building: OpenBuilding, { selected, theme }: Look) {
  const palette = housePalette(theme)
  const common = {
    getPolygon: ({ rings }: Pick<Block<unknown>, 'rings'>) => rings,
    extruded: true,
    wireframe: true,
    material: MATERIAL,
    getLineColor: palette.edge,
    beforeId: BELOW.names,
  }
  return [
    new Polygon<Block<Slab>>({
      ...common,
      id: 'house-slabs',
      data: blocks(building.slabs),
      getElevation: SLAB_METRES,
      getFillColor: palette.slab,
    }),
    new Polygon<Block<RoomBox>>({
      ...common,
      id: 'house-rooms',
      data: blocks(building.rooms),
      pickable: true,
      getElevation: ({ of }) => of.height,
      getFillColor: ({ of }) => roomColour(of, selected, theme),
      updateTriggers: { getFillColor: [selected, theme] },
    }),
  ]
}

/** The rooms of one floor as a plan with its walls, for the flat map. */
export function planLayers(Polygon: typeof PolygonLayer, rooms: readonly RoomBox[], { selected, theme }: Look) {
  const common = { beforeId: BELOW.names }
  return [
    new Polygon<Block<RoomBox>>({
      ...common,
      id: 'house-plan',
      data: blocks(rooms.map((room) => ({ ...room, base: 0 }))),
      getPolygon: ({ rings }) => rings,
      pickable: true,
      getFillColor: ({ of }) => roomColour(of, selected, theme),
      getLineColor: housePalette(theme).wall,
      getLineWidth: WALL_METRES,
      lineWidthMinPixels: 1.5,
      updateTriggers: { getFillColor: [selected, theme] },
    }),
  ]
}
