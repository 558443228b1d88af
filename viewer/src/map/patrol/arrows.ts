import type { IconLayerProps } from '@deck.gl/layers'

/** Which way something is going: place in EPSG:4326, degrees clockwise from north, radius of its dot in pixels. */
export interface Going {
  readonly position: [number, number]
  readonly heading: number
  readonly radius: number
  readonly colour: [number, number, number, number]
}

/** The picture is square; a dot of `DOT` units stands in its middle and the wedge sits on the rim. */
const SIDE = 128
const DOT = 26
const MIDDLE = SIDE / 2
const TIP = 12
const BASE = MIDDLE - DOT * 0.72
const HALF_WIDTH = DOT * 0.84
const RIM = 7
/** How far a wedge reaches, in radii of its dot. */
export const REACH = (MIDDLE - TIP) / DOT
const ICONS = {
  wedge: { x: 0, y: 0, width: SIDE, height: SIDE, mask: true },
  halo: { x: SIDE, y: 0, width: SIDE, height: SIDE, mask: true },
}

let atlas: HTMLCanvasElement | null = null

function wedge(context: CanvasRenderingContext2D, left: number): void {
  context.beginPath()
  context.moveTo(left + MIDDLE, TIP + RIM)
  context.lineTo(left + MIDDLE + HALF_WIDTH, BASE)
  context.lineTo(left + MIDDLE - HALF_WIDTH, BASE)
  context.closePath()
  context.fill()
}

/** The wedge, and beside it the same with a rim; both are coloured when drawn. */
function drawAtlas(): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = 2 * SIDE
  canvas.height = SIDE
  const context = canvas.getContext('2d')
  if (!context) return canvas
  context.fillStyle = '#fff'
  context.strokeStyle = '#fff'
  context.lineJoin = 'round'
  context.lineWidth = 2 * RIM
  wedge(context, 0)
  wedge(context, SIDE)
  context.stroke()
  return canvas
}

/** Wedges on the rim of dots that tell which way each is going; to be drawn below the dots. */
export async function arrowLayers(owner: string, going: readonly Going[], place: object = {}) {
  const { IconLayer } = await import('@deck.gl/layers')
  atlas ??= drawAtlas()
  const common = {
    ...place,
    data: going,
    // A canvas is taken as it is, though the types do not say so; an address of data the page may not fetch.
    iconAtlas: atlas as unknown as NonNullable<IconLayerProps['iconAtlas']>,
    iconMapping: ICONS,
    // Flat on the map, so that it turns and tilts with it.
    billboard: false,
    sizeUnits: 'pixels' as const,
    getPosition: ({ position }: Going) => position,
    getAngle: ({ heading }: Going) => -heading,
    getSize: ({ radius }: Going) => (radius * SIDE) / DOT,
  }
  return [
    new IconLayer<Going>({
      ...common,
      id: `${owner}-halos`,
      getIcon: () => 'halo',
      getColor: ({ colour }) => [255, 255, 255, colour[3]],
    }),
    new IconLayer<Going>({ ...common, id: `${owner}-arrows`, getIcon: () => 'wedge', getColor: ({ colour }) => colour }),
  ]
}
