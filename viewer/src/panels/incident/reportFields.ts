import type { LayerDeclaration } from '../../generated/layers'
import { formSections } from '../../model/form'
import type { FormField } from '../../model/form'

/** The business code of a case is given by the platform. */
const NOT_ASKED = new Set(['code', 'reported_at'])

const OF_REPORTER = new Set(['name', 'phone'])

/** What is asked of who told of the matter. */
export const reporterFields = (layer: Pick<LayerDeclaration, 'fields'>): readonly FormField[] =>
  layer.fields.filter(({ name }) => OF_REPORTER.has(name))

/** The fields of a report: those always asked, then those behind "more". */
export function reportFields(layer: Pick<LayerDeclaration, 'fields' | 'form_groups'>): {
  readonly first: readonly FormField[]
  readonly more: readonly FormField[]
} {
  const fields = formSections(layer)
    .flatMap((section) => section.fields)
    .filter((field) => !NOT_ASKED.has(field.name))
  const isFirst = (field: FormField) => field.required === true || field.name === 'place'
  return { first: fields.filter(isFirst), more: fields.filter((field) => !isFirst(field)) }
}
