import type { FieldDeclaration, LayerDeclaration, Title } from '../generated/layers'

export type FormValue = string | number | boolean | null
export type FormValues = Readonly<Record<string, FormValue>>
export type Properties = Readonly<Record<string, unknown>>

export type FormField = FieldDeclaration

export interface FormSection {
  /** null for what no group of the declaration takes up. */
  readonly title: Title | null
  readonly fields: readonly FormField[]
}

/** One thing wrong with one value, as a key of the locale files. */
export interface FormFault {
  readonly field: string
  readonly key: string
  readonly parameters: Readonly<Record<string, string | number>>
}

export type InputKind =
  | 'text'
  | 'longText'
  | 'number'
  | 'switch'
  | 'date'
  | 'datetime'
  | 'codes'
  | 'reference'
  | 'masked'

/** Text longer than this gets an input of several lines. */
const LONG_TEXT = 300

/** The input that suits a field. */
export function inputKind(field: FormField): InputKind {
  const isLong = (field.max_length ?? 0) > LONG_TEXT
  if (field.sensitivity) return isLong ? 'longText' : 'masked'
  if (field.codes) return 'codes'
  if (field.reference) return 'reference'
  if (field.type === 'integer' || field.type === 'number') return 'number'
  if (field.type === 'boolean') return 'switch'
  if (field.type === 'date' || field.type === 'datetime') return field.type
  return isLong ? 'longText' : 'text'
}

/** Fields in the groups of the declaration; what is in no group comes last, without a title. */
export function sectionsOf(
  layer: Pick<LayerDeclaration, 'fields' | 'form_groups'>,
  isWanted: (field: FormField) => boolean = () => true,
): readonly FormSection[] {
  const byName = new Map<string, FormField>(layer.fields.map((field) => [field.name, field]))
  const grouped = new Set(layer.form_groups.flatMap((group) => group.fields))
  const sections: FormSection[] = layer.form_groups.map((group) => ({
    title: group.title,
    fields: group.fields.flatMap((name) => byName.get(name) ?? []),
  }))
  sections.push({ title: null, fields: layer.fields.filter((field) => !grouped.has(field.name)) })
  return sections
    .map((section) => ({ ...section, fields: section.fields.filter(isWanted) }))
    .filter((section) => section.fields.length > 0)
}

/** Whether a form asks for the field: always, or while another has one of its values; a value it has stays. */
export function isAsked(field: FormField, values: FormValues): boolean {
  if (!field.when || tidy(values[field.name]) !== null) return true
  const value = values[field.when.field]
  return typeof value === 'string' && field.when.is.includes(value)
}

/** Fields of a declaration as a form of its own asks for them: in this order, always; those of `required` must be given. */
export function asked(fields: readonly FormField[], names: readonly string[], required: readonly string[] = []): readonly FormField[] {
  return names.flatMap((name) => {
    const found = fields.find((field) => field.name === name)
    if (!found) return []
    const { when: _, ...field } = found
    return [required.includes(name) ? { ...field, required: true } : field]
  })
}

/** The sections of a form: fields nobody may write are left out. */
export function formSections(
  layer: Pick<LayerDeclaration, 'fields' | 'form_groups'>,
): readonly FormSection[] {
  return sectionsOf(layer, (field) => !field.read_only)
}

function valueOf(value: unknown): FormValue {
  const isPlain =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  return isPlain ? value : null
}

/** What the form starts with. Sensitive fields start empty: empty means left as it is. */
export function initialValues(fields: readonly FormField[], properties: Properties): FormValues {
  return Object.fromEntries(
    fields.map((field) => [field.name, field.sensitivity ? null : valueOf(properties[field.name])]),
  )
}

/** The value as it is sent: text trimmed, nothing instead of empty text. */
export function tidy(value: FormValue | undefined): FormValue {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return value.trim() || null
  return typeof value === 'number' && Number.isNaN(value) ? null : value
}

/** What was changed, tidied; an emptied sensitive field counts as untouched. */
export function changedValues(
  fields: readonly FormField[],
  before: FormValues,
  after: FormValues,
): FormValues {
  const changes: Record<string, FormValue> = {}
  for (const field of fields) {
    const value = tidy(after[field.name])
    if (value === tidy(before[field.name])) continue
    if (field.sensitivity && value === null) continue
    changes[field.name] = value
  }
  return changes
}

function fault(field: FormField, key: string, parameters: FormFault['parameters'] = {}): FormFault {
  return { field: field.name, key, parameters }
}

function numberFault(field: FormField, value: FormValue): FormFault | null {
  if (typeof value !== 'number') return fault(field, 'form.notNumber')
  if (field.type === 'integer' && !Number.isInteger(value)) return fault(field, 'form.notInteger')
  const { minimum, maximum } = field
  const isLow = typeof minimum === 'number' && value < minimum
  const isHigh = typeof maximum === 'number' && value > maximum
  if (!isLow && !isHigh) return null
  if (typeof minimum === 'number' && typeof maximum === 'number')
    return fault(field, 'form.outside', { minimum, maximum })
  return isLow
    ? fault(field, 'form.tooLow', { minimum: minimum ?? 0 })
    : fault(field, 'form.tooHigh', { maximum: maximum ?? 0 })
}

function valueFault(field: FormField, value: FormValue, isStored: boolean): FormFault | null {
  if (value === null) return field.required && !isStored ? fault(field, 'form.required') : null
  if (field.codes) return null
  if (field.type === 'integer' || field.type === 'number') return numberFault(field, value)
  const length = typeof value === 'string' ? value.length : 0
  return field.max_length && length > field.max_length
    ? fault(field, 'form.tooLong', { maximum: field.max_length, length })
    : null
}

/**
 * Every fault of the values at once, in the order of the fields. `stored` names sensitive fields
 * that already hold a value, so that leaving them empty is no fault.
 */
export function checkValues(
  fields: readonly FormField[],
  values: FormValues,
  stored: ReadonlySet<string> = new Set(),
): readonly FormFault[] {
  return fields
    .map((field) => valueFault(field, tidy(values[field.name]), stored.has(field.name)))
    .filter((found) => found !== null)
}

/** Names of the sensitive fields that hold a value. */
export function storedSecrets(fields: readonly FormField[], properties: Properties): Set<string> {
  return new Set(
    fields.filter((field) => field.sensitivity && properties[field.name]).map((field) => field.name),
  )
}
