import type { Map as MapLibreMap } from 'maplibre-gl'
import type { Shape } from '../../model/shape'
import { NO_SHAPES, ownerOfStyleLayer } from './shapeStyle'
import type { ShapeOverlay, ShapeOverlays } from './shapeStyle'

const CLICK_TOLERANCE_PX = 5

interface Hit {
  readonly overlay: ShapeOverlay
  readonly shape: Shape
}

/** Keeps the shapes of all owners and finds the one that was clicked. */
export class ShapeBoard {
  private overlays: ShapeOverlays = NO_SHAPES

  constructor(
    private readonly map: MapLibreMap,
    private readonly tell: (overlays: ShapeOverlays) => void,
  ) {}

  /** Puts the shapes of an owner down; null takes them away. An owner keeps its place in the order of drawing. */
  put(owner: string, overlay: ShapeOverlay | null): void {
    const next = new Map(this.overlays)
    if (overlay) next.set(owner, overlay)
    else if (!next.delete(owner)) return
    this.overlays = next
    this.tell(next)
  }

  private clickable(): ShapeOverlays {
    return new Map([...this.overlays].filter(([, { onClick }]) => onClick))
  }

  /** Points and lines are found a few pixels off, areas only where the place lies inside. */
  private hit({ x, y }: { readonly x: number; readonly y: number }): Hit | null {
    const clickable = this.clickable()
    if (clickable.size === 0) return null
    const layers = this.map.getLayersOrder().filter((id) => clickable.has(ownerOfStyleLayer(id) ?? ''))
    const reach = CLICK_TOLERANCE_PX
    const near = this.map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers })
    const inside = this.map.queryRenderedFeatures([x, y], { layers })
    const found = [...near.filter(({ layer }) => layer.type !== 'fill'), ...inside]
    for (const { id, layer } of found) {
      const overlay = clickable.get(ownerOfStyleLayer(layer.id) ?? '')
      const shape = typeof id === 'number' ? overlay?.shapes.features[id] : undefined
      if (overlay && shape) return { overlay, shape }
    }
    return null
  }

  isHit(point: { readonly x: number; readonly y: number }): boolean {
    return this.hit(point) !== null
  }

  /** Tells the owner of the shape that was clicked; false where there was none. */
  click(point: { readonly x: number; readonly y: number }): boolean {
    const hit = this.hit(point)
    hit?.overlay.onClick?.(hit.shape)
    return hit !== null
  }
}
