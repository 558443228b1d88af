const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}

/** A CSS image of two slanting lines of text, to be repeated over a panel. */
export function watermarkImage(first: string, second: string): string {
  const lines = [first, second].map(
    (text, index) =>
      `<text x="8" y="${92 + index * 18}" transform="rotate(-20 8 92)">${escaped(text)}</text>`,
  )
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="224" height="128" font-size="12" ' +
    `font-family="sans-serif">${lines.join('')}</svg>`
  return `url("data:image/svg+xml,${encodeURIComponent(svg)}")`
}
