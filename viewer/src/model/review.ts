import type { FormField, FormValue, FormValues, Properties } from './form'

export type ReviewTab = 'pending' | 'accepted' | 'returned' | 'mine'

export const REVIEW_TABS: readonly ReviewTab[] = ['pending', 'accepted', 'returned', 'mine']

/** How many can be decided on at once. */
export const MOST_DECIDED = 200

/**
 * The values of a proposal with changes, to be handed in again. Sensitive ones are known masked only:
 * those left untouched stay out, the server takes them over.
 */
export function resubmitted(fields: readonly FormField[], values: Properties, changes: FormValues): FormValues {
  const kept = fields
    .filter((field) => !field.sensitivity && field.name in values)
    .map((field) => [field.name, values[field.name] as FormValue] as const)
  return { ...Object.fromEntries(kept), ...changes }
}

/** The ids chosen that are still in the list, in its order. */
export function stillChosen(chosen: ReadonlySet<number>, ids: readonly number[]): readonly number[] {
  return ids.filter((id) => chosen.has(id)).slice(0, MOST_DECIDED)
}

/** The changes that go with a proposal, as tables of differences show them. */
export function companionsOf<Layer extends string, Operation extends string>(proposal: {
  readonly id: number
  readonly also: readonly { readonly layer: Layer; readonly operation: Operation; readonly values: Properties }[]
}) {
  return proposal.also.map(({ layer, operation, values }) => ({
    id: proposal.id,
    layer,
    operation,
    differences: Object.entries(values).map(([field, after]) => ({
      field,
      before: null,
      after,
      accepted: after,
      now: null,
      is_corrected: false,
      is_conflict: false,
    })),
  }))
}
