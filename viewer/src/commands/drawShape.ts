import type { Geometry } from '../model/bounds'
import type { MapPort } from '../model/mapPort'
import type { DrawShape } from '../model/shape'

const DECIMALS = 7

function rounded(coordinates: unknown): unknown {
  if (Array.isArray(coordinates)) return coordinates.map(rounded)
  return typeof coordinates === 'number' ? Number(coordinates.toFixed(DECIMALS)) : coordinates
}

/** A geometry in coordinates of about a centimetre. */
export const roundedGeometry = ({ type, coordinates }: Geometry): Geometry => ({ type, coordinates: rounded(coordinates) })

/** Lets the user draw one shape; null if it was given up. */
export async function drawShape(port: MapPort, shape: DrawShape): Promise<Geometry | null> {
  const drawn = await port.draw(shape)
  return drawn && roundedGeometry(drawn.geometry)
}
