/** A reason of fewer characters is refused by the server. */
export const SHORTEST_REASON = 4

/** Whether a text says enough to be a reason. */
export const isReason = (text: string): boolean => text.trim().length >= SHORTEST_REASON
