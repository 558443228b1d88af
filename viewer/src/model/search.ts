/** A piece of a text, and whether it is what was searched for. */
export interface TextPiece {
  readonly text: string
  readonly isMatch: boolean
}

/** The text cut where it holds the words of the query, regardless of case. */
export function splitAtMatches(text: string, query: string): readonly TextPiece[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const lower = text.toLowerCase()
  const marked = new Array<boolean>(text.length).fill(false)
  for (const word of words)
    for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, at + word.length))
      marked.fill(true, at, at + word.length)
  const pieces: { text: string; isMatch: boolean }[] = []
  marked.forEach((isMatch, index) => {
    const last = pieces.at(-1)
    if (last?.isMatch === isMatch) last.text += text[index]
    else pieces.push({ text: text[index] ?? '', isMatch })
  })
  return pieces
}

/** The index after a step through `count` entries, round the ends; -1 when there are none. */
export function stepThrough(count: number, from: number, by: 1 | -1): number {
  if (count === 0) return -1
  if (from < 0) return by > 0 ? 0 : count - 1
  return (from + by + count) % count
}
