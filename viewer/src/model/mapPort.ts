import type { LayerName } from '../generated/layers'
import type { Bounds, LonLat } from './geography'
import type { DrawShape, Drawn, DrawnGeometry, Position, Shape, ShapeCollection, ShapeLook } from './shape'

/** Where the camera should go; what is left out stays as it is. */
export interface CameraTarget extends LonLat {
  readonly zoom?: number
  readonly pitch?: number
  readonly bearing?: number
}

/** Features to light up beside the selected one, for instance the homes of a person. */
export interface HighlightTarget {
  readonly layer: LayerName
  readonly ids: readonly number[]
}

export interface SnapOptions {
  /** Visible layers whose corners and edges catch the pointer now, for instance roads and buildings. */
  readonly snapTo?: () => readonly LayerName[]
}

export interface DrawOptions extends SnapOptions {
  /** Called with what is drawn so far, the place under the pointer included. */
  readonly onChange?: (sofar: Drawn) => void
}

export interface EditOptions extends SnapOptions {
  /** Called with all shapes as they are now: while dragging with `isDone` false, after each step with true. */
  readonly onChange: (shapes: ShapeCollection<DrawnGeometry>, isDone: boolean) => void
  /** Called once when the editing has ended, also when something else took its place. */
  readonly onEnd?: () => void
}

/** Shapes whose corners can be dragged now. */
export interface Editing {
  /** Puts other shapes in their place, for instance after undo. */
  replace(shapes: ShapeCollection<DrawnGeometry>): void
  /** Ends the editing and takes the shapes off the map. */
  stop(): void
}

/** A place that can be taken hold of: a corner, or the middle of an edge. */
export interface Handle {
  readonly place: Position
  readonly kind: 'corner' | 'middle'
}

export interface HandleOptions extends SnapOptions {
  /** Called with the place of a handle in the list: all the time while it is dragged, once when it is let go. */
  readonly onDrag: (index: number, to: Position) => void
  readonly onDrop: (index: number, to: Position) => void
  /** A right click on a corner. */
  readonly onRemove: (index: number) => void
  /** Called once when the handles have gone, also when something else took their place. */
  readonly onEnd?: () => void
}

/** Handles that are on the map now. */
export interface Handles {
  /** Puts other handles in their place. */
  replace(handles: readonly Handle[]): void
  stop(): void
}

/** What the user is told while drawing: what to do, and how long the line or the radius is by now, in metres. */
export interface DrawHint {
  readonly task: DrawShape | 'edit' | 'handles'
  readonly metres: number | null
}

export type ShapeClick = (shape: Shape) => void

/**
 * What commands may ask of the map. Commands and panels know this interface only, never MapLibre.
 * Calls made before the map stands are kept and done when it does.
 */
export interface MapPort {
  /** Moves the camera; the place lands in the middle of what the panels leave free. */
  flyTo(target: CameraTarget): void
  fitBounds(bounds: Bounds): void
  /** Lights up features; null puts the light out. The selected feature is lit by itself. */
  highlight(target: HighlightTarget | null): void
  /** Puts the one pin down; null takes it away. */
  marker(place: LonLat | null): void
  /** The place of the next click on the map; null if it was given up (Escape or another pickPoint). */
  pickPoint(): Promise<LonLat | null>
  /** Gives up waiting for a click, if pickPoint is waiting. */
  cancelPick(): void
  /**
   * Lets the user draw one shape; a double click or Enter ends a line or polygon, a polygon may not cross itself.
   * Null if it was given up (Escape, cancelDraw, or another draw, edit or pickPoint). Clicks select nothing meanwhile.
   */
  draw(shape: DrawShape, options?: DrawOptions): Promise<Drawn | null>
  /** Gives up the drawing, or ends the editing, if there is one. */
  cancelDraw(): void
  /** Lets the user drag the corners of shapes; a new draw, edit or pickPoint ends it. */
  edit(shapes: ShapeCollection<DrawnGeometry>, options: EditOptions): Promise<Editing>
  /** Puts handles on the map that can be dragged; what they belong to is the caller's to show. */
  handles(handles: readonly Handle[], options: HandleOptions): Promise<Handles>
  /**
   * Shows shapes on the map under the name of their owner, in place of the owner's shapes before; null takes them
   * away. With `onClick` a click on one is told to the owner and selects nothing below.
   */
  shapes(owner: string, shapes: ShapeCollection | null, look?: ShapeLook, onClick?: ShapeClick): void
  /** The box round what is seen of the map, panels left out. */
  seen(): Promise<Bounds>
  /** Fetches the tiles of a layer anew, for instance after a write of one's own. */
  refreshLayer(layer: LayerName): void
}
