import type { AnswerShapes } from '../api/questions'
import { boundsOf, grown } from '../model/bounds'
import type { Geometry } from '../model/bounds'
import type { MapPort, ShapeClick } from '../model/mapPort'
import type { Subject } from '../model/question'
import type { DrawShape } from '../model/shape'
import { roundedGeometry } from './drawShape'

const AREA = 'question-area'
const RESULT = 'question-result'
const MARGIN = 0.2
const DECIMALS = 7

/** Lets the user draw the place asked about; null if it was given up. */
export async function drawSubject(port: MapPort, shape: DrawShape): Promise<Subject | null> {
  const drawn = await port.draw(shape)
  if (!drawn) return null
  if (drawn.circle) {
    const { centre, radius } = drawn.circle
    return { center: [Number(centre.lon.toFixed(DECIMALS)), Number(centre.lat.toFixed(DECIMALS))], radius: Math.round(radius * 10) / 10 }
  }
  const geometry = roundedGeometry(drawn.geometry)
  showOutline(port, geometry)
  return { geometry }
}

/** Shows the place asked about. */
export function showOutline(port: MapPort, outline: Geometry | null): void {
  port.shapes(AREA, outline && { features: [{ type: 'Feature', geometry: outline, properties: null }] }, 'source')
}

/** Goes to the place asked about. */
export function goToOutline(port: MapPort, outline: Geometry): void {
  const bounds = boundsOf(outline)
  if (bounds) port.fitBounds(grown(bounds, MARGIN))
}

/** Shows where the rows lie; a click on one is told. */
export function showRows(port: MapPort, shapes: AnswerShapes | null, onClick?: ShapeClick): void {
  port.shapes(RESULT, shapes, 'result', onClick)
}

/** Takes everything of a question off the map. */
export function clearQuestion(port: MapPort): void {
  port.cancelDraw()
  port.shapes(AREA, null)
  port.shapes(RESULT, null)
  port.highlight(null)
}
