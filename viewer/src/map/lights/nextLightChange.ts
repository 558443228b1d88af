/** Times of a case in a tile, seconds since 1970; what it has not is not there. */
export type TileTimes = Readonly<Record<string, unknown>>

/** A light is red after the due time, not at it. */
const AFTER_S = 0.001

/** The first moment after now (seconds since 1970) at which one of the cases shows another light. */
export function nextLightChange(cases: readonly TileTimes[], now: number): number | null {
  let next = Infinity
  for (const { due_at: due, warn_at: warn, paused_at: paused } of cases) {
    if (typeof due !== 'number' || typeof paused === 'number') continue
    if (typeof warn === 'number' && warn > now && warn <= due) next = Math.min(next, warn)
    else if (due + AFTER_S > now) next = Math.min(next, due + AFTER_S)
  }
  return next === Infinity ? null : next
}
