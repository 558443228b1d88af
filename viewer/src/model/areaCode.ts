const STREET_LENGTH = 9
const COMMUNITY_LENGTH = 12

/** A feature whose name belongs to the name of an area code. */
export interface AreaStep {
  readonly layer: 'areas' | 'grids'
  readonly code: string
}

/**
 * The features that name an area code from street down to grid. A shorter code names itself; an
 * empty one nothing.
 */
export function areaSteps(code: string): readonly AreaStep[] {
  if (code === '') return []
  if (code.length < STREET_LENGTH) return [{ layer: 'areas', code }]
  const steps: AreaStep[] = [{ layer: 'areas', code: code.slice(0, STREET_LENGTH) }]
  if (code.length >= COMMUNITY_LENGTH)
    steps.push({ layer: 'areas', code: code.slice(0, COMMUNITY_LENGTH) })
  if (code.length > COMMUNITY_LENGTH) steps.push({ layer: 'grids', code })
  return steps
}

/** Names from the largest to the smallest, leaving out one that the next begins with. */
export function joinNames(names: readonly (string | null)[]): string {
  const known = names.filter((name) => name !== null && name !== '')
  return known.filter((name, index) => !known[index + 1]?.startsWith(name ?? '')).join(' · ')
}
