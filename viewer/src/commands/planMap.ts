import { api } from '../api/client'
import { boundsOf } from '../model/bounds'
import type { Geometry } from '../model/bounds'
import { borderHandles, dragged } from '../model/borders'
import type { MapPort, ShapeClick, SnapOptions } from '../model/mapPort'
import { pieceShapes } from '../model/plan'
import type { BaseGrid, Place } from '../model/plan'
import type { Shape } from '../model/shape'
import type { LayerName } from '../generated/layers'

const PIECES = 'plan-pieces'
const SELECTED = 'plan-selected'
const FAULTS = 'plan-faults'
/** What lines and corners of a plan are caught by. */
export const SNAP_TO: readonly LayerName[] = ['roads', 'buildings']

/** What of a plan is on the map. */
export interface PlanPicture {
  readonly grids: readonly BaseGrid[]
  readonly selected: ReadonlySet<number>
  readonly label: (grid: BaseGrid) => string
  readonly onClick: ((key: number) => void) | null
  /** Grids as they are now, rather than as they were. */
  readonly isDraft: boolean
}

/** Shows the grids of a plan, the chosen ones above the others. */
export function showPlan(port: MapPort, { grids, selected, label, onClick, isDraft }: PlanPicture): void {
  const click: ShapeClick | undefined = onClick
    ? ({ properties }) => {
        const key = properties?.key
        if (typeof key === 'number') onClick(key)
      }
    : undefined
  port.shapes(PIECES, { features: pieceShapes(grids, label) }, isDraft ? 'draft' : 'source', click)
  const chosen = pieceShapes(grids.filter(({ key }) => selected.has(key)), () => '').map(
    (shape): Shape => ({ ...shape, properties: { key: shape.properties?.key, strong: true } }),
  )
  port.shapes(SELECTED, chosen.length > 0 ? { features: chosen } : null, 'result', click)
}

/** Shows the places where rules are broken. */
export function showFaults(port: MapPort, places: readonly Geometry[]): void {
  const features = places.flatMap(partsOf).map((geometry): Shape => ({ type: 'Feature', geometry, properties: { strong: true } }))
  port.shapes(FAULTS, features.length > 0 ? { features } : null, 'fault')
}

function partsOf(geometry: Geometry): Geometry[] {
  return 'geometries' in geometry ? (geometry.geometries as Geometry[]).flatMap(partsOf) : [geometry]
}

/** Takes everything of a plan off the map. */
export function hidePlan(port: MapPort): void {
  port.cancelDraw()
  for (const owner of [PIECES, SELECTED, FAULTS]) port.shapes(owner, null)
}

/** Brings a place into view. */
export function goTo(port: MapPort, geometry: Geometry): void {
  const bounds = partsOf(geometry)
    .map(boundsOf)
    .filter((box) => box !== null)
    .reduce<[number, number, number, number] | null>(
      (all, box) =>
        all
          ? [Math.min(all[0], box[0]), Math.min(all[1], box[1]), Math.max(all[2], box[2]), Math.max(all[3], box[3])]
          : [...box],
      null,
    )
  if (bounds) port.fitBounds(bounds)
}

/** Lets the user draw a line to cut along; `tell` hears of it while it grows. Null if it was given up. */
export async function drawCut(
  port: MapPort,
  snapTo: SnapOptions['snapTo'],
  tell: (line: readonly Place[]) => void,
): Promise<readonly Place[] | null> {
  const drawn = await port.draw('line', {
    snapTo,
    onChange: ({ geometry }) => {
      if (geometry.type === 'LineString') tell(geometry.coordinates)
    },
  })
  return drawn?.geometry.type === 'LineString' ? drawn.geometry.coordinates : null
}

export interface BorderDrag {
  readonly at: Place
  readonly to: Place | null
}

export interface BorderDragging {
  /** Puts the handles where the borders are now. */
  update(grids: readonly BaseGrid[]): void
}

/** Lets the user drag the borders between grids; `show` hears how they look meanwhile, `drop` what was done. */
export async function dragBorders(
  port: MapPort,
  grids: readonly BaseGrid[],
  snapTo: SnapOptions['snapTo'],
  tell: {
    readonly show: (grids: readonly BaseGrid[]) => void
    readonly drop: (drag: BorderDrag) => void
    readonly onEnd: () => void
  },
): Promise<BorderDragging> {
  let now = grids
  let handles = borderHandles(now)
  const begun = await port.handles(handles, {
    snapTo,
    onDrag: (index, to) => {
      const handle = handles[index]
      if (handle) tell.show(dragged(now, handle, to))
    },
    onDrop: (index, to) => {
      const handle = handles[index]
      if (handle) tell.drop({ at: handle.place, to })
    },
    onRemove: (index) => {
      const handle = handles[index]
      if (handle) tell.drop({ at: handle.place, to: null })
    },
    onEnd: tell.onEnd,
  })
  return {
    update(next) {
      now = next
      handles = borderHandles(next)
      begun.replace(handles)
    },
  }
}

interface Located {
  readonly area_code: string
}

/** The 12 digits of the community the user points at; null if none was given or there is none. */
export async function pickCommunity(port: MapPort): Promise<string | null> {
  const place = await port.pickPoint()
  if (!place) return null
  const { area_code: code } = await api.get<Located>('/api/locate', { query: { lon: place.lon, lat: place.lat } })
  return code.length >= 12 ? code.slice(0, 12) : null
}
