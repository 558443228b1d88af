import type { Geometry } from './bounds'
import type { Handle } from './mapPort'
import type { BaseGrid, Place } from './plan'

/** Edges shorter than this, in metres, get no handle in their middle. */
const SHORTEST_EDGE = 25
const METRES_PER_DEGREE = 111_320

type Ring = readonly Place[]

function ringsOf({ type, coordinates }: Geometry): Ring[] {
  return (type === 'MultiPolygon' ? (coordinates as Ring[][]).flat() : coordinates) as Ring[]
}

const nameOf = ([x, y]: Place) => `${x},${y}`
const edgeOf = (a: Place, b: Place) => [nameOf(a), nameOf(b)].sort().join(' ')

function metres([ax, ay]: Place, [bx, by]: Place): number {
  return Math.hypot((bx - ax) * Math.cos((ay * Math.PI) / 180), by - ay) * METRES_PER_DEGREE
}

/** Edges that two pieces share, each once. */
function sharedEdges(pieces: readonly BaseGrid[]): [Place, Place][] {
  const seen = new Map<string, { readonly ends: [Place, Place]; count: number }>()
  for (const { geometry } of pieces) {
    for (const ring of ringsOf(geometry)) {
      ring.slice(1).forEach((end, index) => {
        const start = ring[index] as Place
        const known = seen.get(edgeOf(start, end))
        if (known) known.count += 1
        else seen.set(edgeOf(start, end), { ends: [start, end], count: 1 })
      })
    }
  }
  return [...seen.values()].filter(({ count }) => count > 1).map(({ ends }) => ends)
}

/** What can be dragged: the corners of borders between pieces, and the middles of their longer edges. */
export function borderHandles(pieces: readonly BaseGrid[]): Handle[] {
  const edges = sharedEdges(pieces)
  const corners = new Map(edges.flat().map((place) => [nameOf(place), place]))
  const middles = edges
    .filter(([a, b]) => metres(a, b) >= SHORTEST_EDGE)
    .map(([a, b]): Handle => ({ place: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], kind: 'middle' }))
  return [...middles, ...[...corners.values()].map((place): Handle => ({ place, kind: 'corner' }))]
}

/** The edge that a place is the middle of; null for none. */
function edgeAround(pieces: readonly BaseGrid[], place: Place): [Place, Place] | null {
  return (
    sharedEdges(pieces).find(([a, b]) => (a[0] + b[0]) / 2 === place[0] && (a[1] + b[1]) / 2 === place[1]) ?? null
  )
}

/** The pieces while a handle is dragged, for the eye only: the server's answer is the truth. */
export function dragged<Grid extends BaseGrid>(pieces: readonly Grid[], handle: Handle, to: Place): Grid[] {
  const edge = handle.kind === 'middle' ? edgeAround(pieces, handle.place) : null
  const put = (ring: Ring): Ring =>
    edge
      ? ring.flatMap((place, index) => {
          const next = ring[index + 1]
          return next && edgeOf(place, next) === edgeOf(...edge) ? [place, to] : [place]
        })
      : ring.map((place) => (nameOf(place) === nameOf(handle.place) ? to : place))
  return pieces.map((piece) => ({ ...piece, geometry: withRings(piece.geometry, put) }))
}

function withRings({ type, coordinates }: Geometry, put: (ring: Ring) => Ring): Geometry {
  const polygon = (rings: readonly Ring[]) => rings.map(put)
  if (type === 'MultiPolygon') return { type, coordinates: (coordinates as Ring[][]).map(polygon) }
  return { type, coordinates: polygon(coordinates as Ring[]) }
}
