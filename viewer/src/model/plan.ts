import type { Geometry } from './bounds'
import type { Shape } from './shape'

/** Figures of one grid; null where the reader may not see what would be counted. Area in m². */
export interface GridFigures {
  readonly area: number
  readonly buildings: number
  readonly dwellings: number | null
  readonly households: number | null
  readonly residents: number | null
  readonly key_sites: number | null
  readonly open_incidents: number | null
}

export interface BaseGrid {
  readonly key: number
  readonly code: string
  readonly name: string
  readonly geometry: Geometry
  readonly figures: GridFigures
}

/** A grid of the draft: unchanged, with another border, or new. */
export interface Piece extends BaseGrid {
  readonly status: 'kept' | 'moved' | 'new'
  readonly parents: readonly string[]
}

export interface PlanFault {
  readonly kind: string
  readonly grids: readonly number[]
  readonly building: number | null
  readonly is_inherited: boolean
  readonly geometry: Geometry
}

export type PlanState = 'draft' | 'submitted' | 'approved' | 'rejected' | 'in_force' | 'discarded'
export type PlanStep = 'submit' | 'withdraw' | 'reopen' | 'discard' | 'approve' | 'reject'

export interface PlanRow {
  readonly id: number
  readonly area_code: string
  readonly title: string
  readonly state: PlanState
  readonly author: string
  readonly reason: string | null
  readonly effective_on: string | null
  readonly submitted_by: string | null
  readonly submitted_at: string | null
  readonly decided_by: string | null
  readonly decided_at: string | null
  readonly decision: string | null
  readonly created_at: string
  readonly position: number
  readonly row_version: number
}

export interface PlanOperation {
  readonly number: number
  readonly kind: OperationKind
  readonly actor: string
  readonly at: string
}

/** What became of a plan that is in force. */
export interface PlanOutcome {
  readonly begun: readonly string[]
  readonly ended: readonly string[]
  readonly changed: readonly string[]
  readonly rehomed: Readonly<Record<string, number>>
  readonly vacant: readonly { readonly code: string; readonly name: string }[]
  readonly assignments_ended: readonly { readonly staff: string; readonly role: string; readonly grid: string }[]
  readonly grants_open: readonly { readonly name: string; readonly role: string; readonly from: string; readonly to: string }[]
}

export interface Plan extends PlanRow {
  readonly community: { readonly code: string; readonly name: string; readonly border: Geometry | null }
  readonly is_stale: boolean
  readonly steps: readonly PlanStep[]
  readonly editable: boolean
  readonly operations: readonly PlanOperation[]
  readonly pieces: readonly Piece[]
  readonly base: readonly BaseGrid[]
  readonly faults: readonly PlanFault[]
  readonly outcome: PlanOutcome | null
}

export interface PlanPreview {
  readonly pieces: readonly Piece[]
  readonly faults: readonly PlanFault[]
}

/** The last three come from other programs, such as QGIS. */
export type OperationKind = 'split' | 'merge' | 'move' | 'rename' | 'draw' | 'add' | 'remove'
export type Place = readonly [number, number]

/** What can be done to a draft; `snap` in metres. */
export type Operation =
  | { readonly kind: 'split'; readonly grid: number; readonly line: readonly Place[]; readonly snap: number }
  | { readonly kind: 'merge'; readonly grids: readonly number[] }
  | { readonly kind: 'move'; readonly drags: readonly { readonly at: Place; readonly to: Place | null }[]; readonly snap: number }
  | { readonly kind: 'rename'; readonly grid: number; readonly name: string }

export type FigureName = keyof GridFigures

export interface PieceRow {
  readonly piece: Piece
  /** Against the grid with the same code before; null for a new grid. */
  readonly change: Readonly<Partial<Record<FigureName, number>>> | null
}

const FIGURES: readonly FigureName[] = ['area', 'buildings', 'dwellings', 'households', 'residents', 'key_sites', 'open_incidents']

/** Pieces in order of code, each with what changed against the grid it was. */
export function pieceRows(pieces: readonly Piece[], base: readonly BaseGrid[]): PieceRow[] {
  const before = new Map(base.map((grid) => [grid.code, grid.figures]))
  return pieces.map((piece) => {
    const old = piece.status === 'new' ? undefined : before.get(piece.code)
    return { piece, change: old ? changeOf(piece.figures, old) : null }
  })
}

function changeOf(now: GridFigures, old: GridFigures): PieceRow['change'] {
  const pairs = FIGURES.map((name) => [name, (now[name] ?? 0) - (old[name] ?? 0)] as const)
  return Object.fromEntries(pairs.filter(([name, difference]) => now[name] !== null && difference !== 0))
}

/** Sums over grids; null where any of them is not to be seen. */
export function totalOf(grids: readonly { readonly figures: GridFigures }[]): GridFigures {
  const sum = (name: FigureName) =>
    grids.some(({ figures }) => figures[name] === null)
      ? null
      : grids.reduce((total, { figures }) => total + (figures[name] ?? 0), 0)
  return {
    area: sum('area') ?? 0,
    buildings: sum('buildings') ?? 0,
    dwellings: sum('dwellings'),
    households: sum('households'),
    residents: sum('residents'),
    key_sites: sum('key_sites'),
    open_incidents: sum('open_incidents'),
  }
}

/** Faults that keep a plan from being handed in. */
export function newFaults(faults: readonly PlanFault[]): PlanFault[] {
  return faults.filter((fault) => !fault.is_inherited)
}

/** Pieces as shapes with their names; the id of a shape is the key of its piece. */
export function pieceShapes(pieces: readonly BaseGrid[], label: (piece: BaseGrid) => string): Shape[] {
  return pieces.map((piece) => ({
    type: 'Feature',
    id: piece.key,
    geometry: piece.geometry,
    properties: { key: piece.key, label: label(piece) },
  }))
}

/** The key of the piece that a place lies in; null outside all of them. */
export function pieceAt(pieces: readonly BaseGrid[], place: Place): number | null {
  return pieces.find(({ geometry }) => contains(geometry, place))?.key ?? null
}

function polygonsOf({ type, coordinates }: Geometry): Place[][][] {
  return (type === 'MultiPolygon' ? coordinates : [coordinates]) as Place[][][]
}

function contains(geometry: Geometry, [x, y]: Place): boolean {
  const crossings = polygonsOf(geometry)
    .flat()
    .flatMap((ring) => ring.slice(1).map((end, index) => [ring[index] as Place, end] as const))
    .filter(([[ax, ay], [bx, by]]) => ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax)
  return crossings.length % 2 === 1
}

/** The middle of a line by its length in degrees, good enough to know which piece it crosses. */
export function middleOf(line: readonly Place[]): Place {
  const parts = line.slice(1).map((end, index) => {
    const start = line[index] as Place
    return { start, end, length: Math.hypot(end[0] - start[0], end[1] - start[1]) }
  })
  let rest = parts.reduce((sum, { length }) => sum + length, 0) / 2
  for (const { start, end, length } of parts) {
    if (rest <= length && length > 0) {
      const share = rest / length
      return [start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share]
    }
    rest -= length
  }
  return line[0] ?? [0, 0]
}

/** Square metres as hectares with one decimal, below a tenth of a hectare as square metres. */
export function formatArea(squareMetres: number): string {
  return squareMetres < 1_000 ? `${Math.round(squareMetres)} m²` : `${(squareMetres / 10_000).toFixed(1)} ha`
}
