import type { FieldDeclaration, LayerDeclaration, LayerName } from '../generated/layers'
import type { Geometry } from './bounds'

export type Relation = 'within' | 'near' | 'along'
export type Part = 'centre' | 'any' | 'whole'

/** What one field must be; all that is given must hold. */
export interface Condition {
  readonly field: string
  readonly in?: readonly (string | number)[]
  readonly minimum?: string | number
  readonly maximum?: string | number
  readonly contains?: string
  readonly begins?: string
  readonly is?: boolean
  readonly empty?: boolean
}

export type Subject =
  | { readonly geometry: Geometry }
  | { readonly center: readonly [number, number]; readonly radius: number }
  | { readonly layer: LayerName; readonly ids: readonly number[] }

/** A spatial question as the server takes it; `metres` is the distance of near, the full width of along. */
export interface Question {
  readonly layer: LayerName
  readonly relation: Relation
  readonly part?: Part
  readonly metres?: number
  readonly subject: Subject
  readonly conditions: readonly Condition[]
}

/** A question in the making. */
export interface QuestionDraft {
  readonly layer: LayerName
  readonly relation: Relation
  readonly part: Part
  readonly metres: number
  readonly subject: Subject | null
  readonly conditions: readonly Condition[]
}

const LIVED_IN: readonly string[] = ['dwellings', 'rentals', 'persons', 'residences', 'care_records']

export const EMPTY_DRAFT: QuestionDraft = {
  layer: 'buildings',
  relation: 'within',
  part: 'centre',
  metres: 200,
  subject: null,
  conditions: [],
}

/** Layers that can be asked for: drawn ones, and those whose rows lie in buildings. */
export function askable(layers: readonly LayerDeclaration[]): readonly LayerDeclaration[] {
  return layers.filter((layer) => layer.geometry !== null || LIVED_IN.includes(layer.name))
}

/** Fields a condition can be set on: what is sealed cannot be asked for. */
export function conditionFields(layer: LayerDeclaration): readonly FieldDeclaration[] {
  return layer.fields.filter((field) => !field.sensitivity && !field.reference)
}

/** Fields the rows can be counted by. */
export function groupFields(layer: LayerDeclaration): readonly FieldDeclaration[] {
  return layer.fields.filter((field) => field.codes !== undefined || field.type === 'boolean')
}

/** Whether what was chosen as the place suits the relation, by the kind of its geometry. */
export function suits(relation: Relation, geometry: string | null): boolean {
  if (geometry === null) return false
  if (relation === 'near') return true
  return relation === 'within' ? geometry.endsWith('Polygon') : geometry.endsWith('LineString')
}

/** Whether a condition says something yet. */
export function isFilled(condition: Condition): boolean {
  const { field: _, ...compared } = condition
  return Object.values(compared).some((value) => (Array.isArray(value) ? value.length > 0 : value !== '' && value !== undefined))
}

/** The question of a draft; null while the place is missing or the distance makes no sense. */
export function questionOf(draft: QuestionDraft): Question | null {
  if (!draft.subject) return null
  if (draft.relation !== 'within' && !(draft.metres > 0)) return null
  return {
    layer: draft.layer,
    relation: draft.relation,
    ...(draft.relation === 'near' ? {} : { part: draft.part }),
    ...(draft.relation === 'within' ? {} : { metres: draft.metres }),
    subject: draft.subject,
    conditions: draft.conditions.filter(isFilled),
  }
}

/** A draft that asks what a question asks. */
export function draftOf(question: Question): QuestionDraft {
  return {
    layer: question.layer,
    relation: question.relation,
    part: question.part ?? (question.relation === 'within' ? 'centre' : 'any'),
    metres: question.metres ?? EMPTY_DRAFT.metres,
    subject: question.subject,
    conditions: question.conditions,
  }
}
