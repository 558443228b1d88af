const EARTH_CIRCUMFERENCE_M = 40_075_016.686
const TILE_PX = 512

/** Metres on the ground under one pixel of the middle of a Web Mercator map (512-pixel tiles). */
export function metresPerPixel(lat: number, zoom: number): number {
  return (EARTH_CIRCUMFERENCE_M * Math.cos((lat * Math.PI) / 180)) / (TILE_PX * 2 ** zoom)
}

/** A round length (1, 2 or 5 times a power of ten) no wider than the room, and its width in pixels. */
export function scaleBar(
  lat: number,
  zoom: number,
  roomPx: number,
): { readonly metres: number; readonly widthPx: number } {
  const perPixel = metresPerPixel(lat, zoom)
  const most = perPixel * roomPx
  const power = 10 ** Math.floor(Math.log10(most))
  const metres = ([5, 2, 1].find((step) => step * power <= most) ?? 1) * power
  return { metres, widthPx: metres / perPixel }
}

/** The length with its unit: metres below a kilometre, and no more than two decimals. */
export function formatLength(metres: number): string {
  return metres >= 1000 ? `${Number((metres / 1000).toFixed(2))} km` : `${Math.round(metres)} m`
}
