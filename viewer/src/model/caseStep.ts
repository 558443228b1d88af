/** What a form of a step knows of one thing it asks. */
export interface AskedNeed {
  readonly name: string
  readonly is_required: boolean
  readonly only_if: readonly [string, string] | null
}

export type Given = Readonly<Record<string, string | number | null>>

/** Whether the need has to be given as things stand in the form. */
export function isWanted(need: AskedNeed, given: Given): boolean {
  return need.is_required || (need.only_if !== null && given[need.only_if[0]] === need.only_if[1])
}

function isEmpty(value: string | number | null | undefined): boolean {
  return value === null || value === undefined || (typeof value === 'string' && value.trim() === '')
}

/** Names of the needs that are wanted and missing. */
export function missingNeeds(needs: readonly AskedNeed[], given: Given): readonly string[] {
  return needs.filter((need) => isWanted(need, given) && isEmpty(given[need.name])).map(({ name }) => name)
}

/** What is sent: texts trimmed, nothing for what is empty. */
export function tidyGiven(given: Given): Given {
  const kept = Object.entries(given).filter(([, value]) => !isEmpty(value))
  return Object.fromEntries(kept.map(([name, value]) => [name, typeof value === 'string' ? value.trim() : value]))
}

/** Milliseconds from the step before to each step; null for the first. */
export function timesBetween(steps: readonly { readonly at: string }[]): readonly (number | null)[] {
  return steps.map((step, index) => {
    const before = steps[index - 1]
    return before ? Date.parse(step.at) - Date.parse(before.at) : null
  })
}
