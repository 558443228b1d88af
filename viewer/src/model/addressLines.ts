/** Addresses that are matched in one go. */
export const MOST_LINES = 500

/** The addresses of a pasted text, one a line or a cell, without blanks around them and none twice. */
export function linesOf(pasted: string): string[] {
  const lines = pasted.split(/[\r\n\t]+/).map((line) => line.trim())
  return [...new Set(lines.filter(Boolean))]
}
