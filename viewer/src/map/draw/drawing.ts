import type { Map as MapLibreMap } from 'maplibre-gl'
import { metresBetween } from '../../model/circle'
import type { DrawHint, DrawOptions, EditOptions, Editing, Handle, HandleOptions, Handles } from '../../model/mapPort'
import type { Drawn, DrawnGeometry, DrawShape, Position, ShapeCollection } from '../../model/shape'
import { beginHandles } from './handles'

/** The click that ends a drawing reaches the map a moment later and must not select anything. */
const QUIET_MS = 400

const NO_HANDLES: Handles = { replace: () => undefined, stop: () => undefined }
const NOT_STARTED: Editing = { replace: () => undefined, stop: () => undefined }

function lengthOf(line: readonly Position[]): number {
  const place = ([lon, lat]: Position) => ({ lon, lat })
  return line
    .slice(1)
    .reduce((sum, end, index) => sum + metresBetween(place(line[index] as Position), place(end)), 0)
}

/** Length of the line or radius of the circle drawn so far; null for other shapes. */
export function metresOf({ geometry, circle }: Drawn): number | null {
  if (circle) return circle.radius
  return geometry.type === 'LineString' ? lengthOf(geometry.coordinates) : null
}

/** The one drawing or editing there is at a time. Terra Draw is fetched when it is first needed. */
export class Drawing {
  private giveUp: (() => void) | null = null
  private task: DrawHint['task'] | null = null
  private quietUntil = 0

  /** `isReady` is kept once the style of the map can be added to; `tell` hears what the user should be told. */
  constructor(
    private readonly map: MapLibreMap,
    private readonly isReady: Promise<void>,
    private readonly tell: (hint: DrawHint | null) => void,
  ) {}

  /** True while clicks on the map belong to the drawing. */
  get isActive(): boolean {
    return this.giveUp !== null || performance.now() < this.quietUntil
  }

  /** Ends what is going on: a drawing gives null. */
  cancel(): void {
    this.giveUp?.()
  }

  /** Ends a drawing, as Escape does; an editing goes on. */
  escape(): void {
    if (this.task !== 'edit') this.cancel()
  }

  async draw(shape: DrawShape, options: DrawOptions = {}): Promise<Drawn | null> {
    let resolve: (drawn: Drawn | null) => void = () => undefined
    const outcome = new Promise<Drawn | null>((settle) => {
      resolve = settle
    })
    const turn = this.begin(shape, () => resolve(null))
    const terra = await this.loaded(turn)
    if (!turn.isOver()) {
      const stop = terra.beginDrawing(this.map, shape, options, {
        onChange: (drawn) => {
          this.tell({ task: shape, metres: metresOf(drawn) })
          options.onChange?.(drawn)
        },
        onFinish: (drawn) => {
          resolve(drawn)
          turn.end()
        },
      })
      turn.onEnd(stop)
    }
    return outcome
  }

  async edit(shapes: ShapeCollection<DrawnGeometry>, options: EditOptions): Promise<Editing> {
    const turn = this.begin('edit', () => options.onEnd?.())
    const terra = await this.loaded(turn)
    if (turn.isOver()) return NOT_STARTED
    const editing = terra.beginEditing(this.map, shapes, options)
    turn.onEnd(() => editing.stop())
    return {
      replace: (next) => {
        if (!turn.isOver()) editing.replace(next)
      },
      stop: () => turn.end(),
    }
  }

  async handles(handles: readonly Handle[], options: HandleOptions): Promise<Handles> {
    const turn = this.begin('handles', () => options.onEnd?.())
    await this.isReady
    if (turn.isOver()) return NO_HANDLES
    const begun = beginHandles(this.map, handles, options)
    turn.onEnd(() => begun.stop())
    return {
      replace: (next) => {
        if (!turn.isOver()) begun.replace(next)
      },
      stop: () => turn.end(),
    }
  }

  private async loaded(turn: { readonly end: () => void }) {
    try {
      const [terra] = await Promise.all([import('./terra'), this.isReady])
      return terra
    } catch (error) {
      turn.end()
      throw error
    }
  }

  /** Takes the turn from whoever has it. */
  private begin(task: DrawHint['task'], onGivenUp: () => void) {
    this.cancel()
    let isOver = false
    let clean: () => void = () => undefined
    const end = () => {
      if (isOver) return
      isOver = true
      this.giveUp = null
      this.task = null
      this.quietUntil = performance.now() + QUIET_MS
      this.tell(null)
      clean()
      onGivenUp()
    }
    this.giveUp = end
    this.task = task
    this.tell({ task, metres: null })
    return {
      end,
      isOver: () => isOver,
      onEnd: (next: () => void) => {
        clean = next
      },
    }
  }
}
