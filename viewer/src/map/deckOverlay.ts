import type { Layer, PickingInfo } from '@deck.gl/core'
import type { MapLibreOverlay } from '@deck.gl/maplibre'
import type { Map as MapLibreMap } from 'maplibre-gl'

/** What a click on a pickable deck layer is told. */
export type DeckClick = (info: PickingInfo) => void
/** What is told while the pointer moves: the thing of the owner under it, null when it left. */
export type DeckHover = (info: PickingInfo | null) => void

/** A place on the screen, in pixels. */
export interface ScreenPoint {
  readonly x: number
  readonly y: number
}

/** What the owner of layers wants to know of the pointer. */
export interface DeckTouch {
  readonly onClick?: DeckClick
  readonly onHover?: DeckHover
  /**
   * For layers that are not pickable: what a click on a place does, null where there is nothing. To find a pickable
   * thing the page waits for the graphics card, at every move of the pointer.
   */
  readonly find?: (point: ScreenPoint) => (() => void) | null
}

interface Owned extends DeckTouch {
  readonly layers: readonly Layer[]
}

const PICK_RADIUS_PX = 4

/**
 * The deck.gl layers of all owners, drawn between the layers of the map. The one overlay a map can have; it is
 * fetched and added when the first layer comes.
 */
export class DeckOverlay {
  private readonly owners = new Map<string, Owned>()
  private overlay: MapLibreOverlay | null = null
  /** What deck.gl last saw under the pointer. */
  private hovered: PickingInfo | null = null
  private isAdding = false
  private isGone = false

  /** `isReady` is kept once layers can be added to the map. */
  constructor(
    private readonly map: MapLibreMap,
    private readonly isReady: Promise<void>,
  ) {}

  /** Shows these layers in place of the owner's layers before; none takes them away. Later owners are above. */
  async setLayers(owner: string, layers: readonly Layer[], touch: DeckTouch = {}): Promise<void> {
    if (layers.length > 0) this.owners.set(owner, { layers, ...touch })
    else this.owners.delete(owner)
    if (this.overlay) this.show(this.overlay)
    else if (layers.length > 0 && !this.isAdding) await this.add()
  }

  private async add(): Promise<void> {
    this.isAdding = true
    try {
      const [{ MapLibreOverlay }] = await Promise.all([import('@deck.gl/maplibre'), this.isReady])
      if (this.isGone) return
      const onHover = (info: PickingInfo) => this.hover(info.layer ? info : null)
      this.overlay = new MapLibreOverlay({ interleaved: true, layers: this.all(), onHover })
      this.map.addControl(this.overlay)
      this.settle()
    } finally {
      this.isAdding = false
    }
  }

  private all(): Layer[] {
    return [...this.owners.values()].flatMap(({ layers }) => layers)
  }

  private show(overlay: MapLibreOverlay): void {
    overlay.setProps({ layers: this.all() })
    this.settle()
  }

  /** The overlay takes no place in the style while tiles load, and would not try again: it is reminded. */
  private settle(): void {
    if (!this.map.isStyleLoaded()) this.map.on('render', this.remind)
  }

  private readonly remind = (): void => {
    if (!this.map.isStyleLoaded()) return
    this.map.off('render', this.remind)
    this.overlay?.setProps({ layers: this.all() })
  }

  /** The topmost pickable thing at a place on the screen; null for none. */
  private pick(point: ScreenPoint): PickingInfo | null {
    if (!this.overlay || !this.all().some((layer) => layer.props.pickable)) return null
    return this.overlay.pickObject({ ...point, radius: PICK_RADIUS_PX })
  }

  private ownerOf(info: PickingInfo): Owned | undefined {
    const id = info.layer?.id ?? ''
    return [...this.owners.values()].find(({ layers }) => layers.some((layer) => id.startsWith(layer.id)))
  }

  private hover(info: PickingInfo | null): void {
    const before = this.hovered && this.ownerOf(this.hovered)
    const owner = info ? this.ownerOf(info) : undefined
    this.hovered = info
    if (before && before !== owner) before.onHover?.(null)
    owner?.onHover?.(info)
  }

  /** What a click on a place does, as the owner of what is there has it. */
  private found(point: ScreenPoint): (() => void) | null {
    for (const { find } of [...this.owners.values()].reverse()) {
      const action = find?.(point)
      if (action) return action
    }
    return null
  }

  /** Whether the pointer is over something that takes clicks. */
  isHovered(point: ScreenPoint): boolean {
    return this.hovered !== null || this.found(point) !== null
  }

  /** Tells the owner of what was clicked; false where there was nothing. */
  click(point: ScreenPoint): boolean {
    const action = this.found(point)
    if (action) {
      action()
      return true
    }
    const info = this.pick(point)
    if (!info?.layer) return false
    this.ownerOf(info)?.onClick?.(info)
    return true
  }

  remove(): void {
    this.isGone = true
    this.owners.clear()
    this.map.off('render', this.remind)
    this.overlay?.finalize()
    this.overlay = null
  }
}
