/** A rectangle in the units of the picture. */
interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface CityBlock extends Box {
  readonly kind: 'land' | 'park'
  readonly buildings: readonly (Box & { readonly isLit: boolean })[]
}

const PITCH = 130
const STREET = 13
const MARGIN = 11
const ROW = 34
const PARK_SHARE = 0.09
const LIT_SHARE = 0.012
const SEED = 20_260_101

/** Numbers in [0, 1) that are the same for the same seed (mulberry32, public domain). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function rowsOfBuildings(block: Box, random: () => number): CityBlock['buildings'] {
  const buildings: (Box & { isLit: boolean })[] = []
  for (let y = block.y + MARGIN; y + 15 < block.y + block.height; y += ROW) {
    let x = block.x + MARGIN
    while (x < block.x + block.width - 28) {
      const width = Math.min(20 + random() * 34, block.x + block.width - MARGIN - x)
      buildings.push({ x, y, width, height: 12 + random() * 8, isLit: random() < LIT_SHARE })
      x += width + 8
    }
  }
  return buildings
}

/** An invented city of street blocks with rows of houses, to stand behind the sign-in form. */
export function cityBlocks(width: number, height: number): CityBlock[] {
  const random = randomNumbers(SEED)
  const blocks: CityBlock[] = []
  for (let x = -2 * PITCH - 65; x < width + 2 * PITCH; x += PITCH) {
    for (let y = -2 * PITCH; y < height + 2 * PITCH; y += PITCH) {
      const box = { x, y, width: PITCH - STREET, height: PITCH - STREET }
      const isPark = random() < PARK_SHARE
      const buildings = isPark ? [] : rowsOfBuildings(box, random)
      blocks.push({ ...box, kind: isPark ? 'park' : 'land', buildings })
    }
  }
  return blocks
}
