import type { StyleSpecification } from 'maplibre-gl'

/** What the names of Terra Draw's sources and layers begin with. */
export const DRAW_PREFIX = 'drawing'

/** The next style with what is being drawn kept on top: Terra Draw puts its layers on the map beside our style. */
export function keepDrawing(previous: StyleSpecification | undefined, next: StyleSpecification): StyleSpecification {
  if (!previous) return next
  const isDrawing = (id: string) => id.startsWith(`${DRAW_PREFIX}-`)
  const sources = Object.entries(previous.sources).filter(([id]) => isDrawing(id))
  return {
    ...next,
    sources: { ...next.sources, ...Object.fromEntries(sources) },
    layers: [...next.layers, ...previous.layers.filter(({ id }) => isDrawing(id))],
  }
}
