/** One code as the catalogue gives it. */
export interface FlatCode {
  readonly code: string
  readonly zh: string
  readonly en: string
  readonly parent?: string | null
  readonly edition?: string | null
  /** false for a code that has ended; old rows may still carry it. */
  readonly valid?: boolean
}

/** A node of a tree select. */
export interface CodeNode {
  readonly value: string
  readonly label: string
  readonly children?: readonly CodeNode[]
}

/** The codes that may be chosen now: those valid, and `current` even if it has ended. */
export function codesToChoose<Entry extends FlatCode>(
  codes: readonly Entry[],
  current: string | null = null,
): readonly Entry[] {
  return codes.filter((entry) => entry.valid !== false || entry.code === current)
}

/** True if any code of the table has a parent in the same table. */
export function isTree(codes: readonly FlatCode[]): boolean {
  const known = new Set(codes.map((entry) => entry.code))
  return codes.some((entry) => entry.parent && known.has(entry.parent))
}

/** The name of each code, followed by its edition where a sibling bears the same name. */
function labelsOf(siblings: readonly FlatCode[], language: 'zh' | 'en'): readonly string[] {
  const names = siblings.map((entry) => entry[language] || entry.zh)
  return siblings.map((entry, index) => {
    const name = names[index] ?? entry.zh
    const isDouble = names.filter((each) => each === name).length > 1
    return isDouble && entry.edition ? `${name} ${entry.edition}` : name
  })
}

/** The codes as a tree in the order given; a code whose parent is not there stands at the top. */
export function codeTree(codes: readonly FlatCode[], language: 'zh' | 'en'): readonly CodeNode[] {
  const known = new Set(codes.map((entry) => entry.code))
  const children = new Map<string, FlatCode[]>()
  for (const entry of codes) {
    const parent = entry.parent && known.has(entry.parent) ? entry.parent : ''
    children.set(parent, [...(children.get(parent) ?? []), entry])
  }
  const build = (parent: string): CodeNode[] => {
    const siblings = children.get(parent) ?? []
    const labels = labelsOf(siblings, language)
    return siblings.map((entry, index) => {
      const below = build(entry.code)
      const node = { value: entry.code, label: labels[index] ?? entry.zh }
      return below.length > 0 ? { ...node, children: below } : node
    })
  }
  return build('')
}
