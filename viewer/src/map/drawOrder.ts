import type { PaintFragment } from '../generated/layers'

/** Stages from the ground up. Within a stage layers keep the order of the catalogue. */
const STAGES: Readonly<Record<PaintFragment['type'], number>> = {
  fill: 0,
  line: 0,
  'fill-extrusion': 1,
  circle: 2,
  symbol: 3,
}

/**
 * Where a fragment is drawn: lower first. Blocks stand on everything flat, points and names are never hidden by
 * blocks, and a name drawn later takes the room of one drawn before.
 */
export function drawStage(fragment: PaintFragment): number {
  return STAGES[fragment.type]
}
