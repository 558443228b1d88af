import type { LayerDeclaration } from '../generated/layers'
import { sectionsOf, tidy } from './form'
import type { FormField, FormSection, FormValues } from './form'
import type { Household } from './people'

/** Fields that registering sets by itself, or that come later in a person's life here. */
const NOT_ASKED: ReadonlySet<string> = new Set(['code', 'valid_from', 'valid_to', 'area_code'])
const OF_STAY = ['kind', 'valid_from', 'relation', 'rented_room', 'bed'] as const

/** The sections of a new person in the order of the declaration. */
export function personSections(layer: Pick<LayerDeclaration, 'fields' | 'form_groups'>): readonly FormSection[] {
  return sectionsOf(layer, (field) => !field.read_only && !NOT_ASKED.has(field.name))
}

/** How the person lives in the room, in the order it is asked for. */
export function stayFields(layer: Pick<LayerDeclaration, 'fields'>): readonly FormField[] {
  return OF_STAY.flatMap((name) => layer.fields.find((field) => field.name === name) ?? [])
}

/** The values of these fields that are given, as they are sent. */
export function given(fields: readonly FormField[], values: FormValues): FormValues {
  const sent = fields.map((field) => [field.name, tidy(values[field.name])] as const)
  return Object.fromEntries(sent.filter(([, value]) => value !== null))
}

/** Households that live in the room now. */
export function presentHouseholds(households: readonly Household[]): readonly Household[] {
  return households.filter((household) => household.members.some((member) => member.to === null))
}

/** A number for one more household in the room that none of the present ones has. */
export function nextHousehold(dwelling: number, households: readonly Household[]): string {
  const first = `H${String(dwelling).padStart(9, '0')}`
  const held = new Set(households.map((household) => household.household))
  if (!held.has(first)) return first
  let number = 2
  while (held.has(`${first}-${number}`)) number += 1
  return `${first}-${number}`
}
