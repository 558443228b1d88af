import type { Layer, PickingInfo } from '@deck.gl/core'
import type { MapLibreOverlay } from '@deck.gl/maplibre'
import type { Map as MapLibreMap } from 'maplibre-gl'

/** What a click on a pickable deck layer is told. */
export type DeckClick = (info: PickingInfo) => void

interface Owned {
  readonly layers: readonly Layer[]
  readonly onClick: DeckClick | undefined
}

const PICK_RADIUS_PX = 4

/**
 * The deck.gl layers of all owners, drawn between the layers of the map. The one overlay a map can have; it is
 * fetched and added when the first layer comes.
 */
export class DeckOverlay {
  private readonly owners = new Map<string, Owned>()
  private overlay: MapLibreOverlay | null = null
  private isAdding = false
  private isGone = false

  /** `isReady` is kept once layers can be added to the map. */
  constructor(
    private readonly map: MapLibreMap,
    private readonly isReady: Promise<void>,
  ) {}

  /** Shows these layers in place of the owner's layers before; none takes them away. Later owners are above. */
  async setLayers(owner: string, layers: readonly Layer[], onClick?: DeckClick): Promise<void> {
    if (layers.length > 0) this.owners.set(owner, { layers, onClick })
    else this.owners.delete(owner)
    if (this.overlay) this.show(this.overlay)
    else if (layers.length > 0 && !this.isAdding) await this.add()
  }

  private async add(): Promise<void> {
    this.isAdding = true
    try {
      const [{ MapLibreOverlay }] = await Promise.all([import('@deck.gl/maplibre'), this.isReady])
      if (this.isGone) return
      this.overlay = new MapLibreOverlay({ interleaved: true, layers: this.all() })
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
  private pick(point: { readonly x: number; readonly y: number }): PickingInfo | null {
    if (!this.overlay || !this.all().some((layer) => layer.props.pickable)) return null
    return this.overlay.pickObject({ ...point, radius: PICK_RADIUS_PX })
  }

  /** Whether a click there would be taken. */
  isHit(point: { readonly x: number; readonly y: number }): boolean {
    return this.pick(point) !== null
  }

  /** Tells the owner of what was clicked; false where there was nothing. */
  click(point: { readonly x: number; readonly y: number }): boolean {
    const info = this.pick(point)
    if (!info?.layer) return false
    const id = info.layer.id
    const owned = [...this.owners.values()].find(({ layers }) => layers.some((layer) => id.startsWith(layer.id)))
    owned?.onClick?.(info)
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
