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
  /** What holds of the building in which a row without a place of its own lies. */
  readonly building_conditions?: readonly Condition[]
}

/** A question in the making. */
export interface QuestionDraft {
  readonly layer: LayerName
  readonly relation: Relation
  readonly part: Part
  readonly metres: number
  readonly subject: Subject | null
  readonly conditions: readonly Condition[]
  readonly building_conditions: readonly Condition[]
}

const LIVED_IN: readonly string[] = ['dwellings', 'rentals', 'persons', 'residences', 'care_records']

export const EMPTY_DRAFT: QuestionDraft = {
  layer: 'buildings',
  relation: 'within',
  part: 'centre',
  metres: 200,
  subject: null,
  conditions: [],
  building_conditions: [],
}

/** The greatest distance, and the greatest width to either side of a line, in metres. */
export const FARTHEST = { near: 20_000, along: 1_000, within: 0 } as const

/** The metres of a question as people put them: near, or to either side of the line. */
export function reachOf(question: Pick<Question, 'relation' | 'metres'>): number {
  return (question.metres ?? 0) / (question.relation === 'along' ? 2 : 1)
}

/** `metres` of a question from the reach people put. */
export function metresOf(relation: Relation, reach: number): number {
  return relation === 'along' ? reach * 2 : reach
}

/** Whether a draft's reach is one that can be asked about. */
export function isReach(draft: Pick<QuestionDraft, 'relation' | 'metres'>): boolean {
  return draft.relation === 'within' || (draft.metres > 0 && reachOf(draft) <= FARTHEST[draft.relation])
}

/** What people are counted by: register, age by birth date, kind of residence. */
export type PeopleCount = 'register' | 'birth_date' | 'kind'

const OPEN_NOW: Condition = { field: 'valid_to', empty: true }

/** What buildings, persons or residences found are counted by, with the question that lists those counted. */
export function peopleCounts(question: Question): readonly { readonly by: PeopleCount; readonly question: Question }[] {
  const isFree = question.conditions.length === 0
  const ofBuildings = question.layer === 'buildings' && !isBesideBuildings(question)
  const home = ofBuildings ? { building_conditions: question.conditions, conditions: [] } : {}
  const persons: Question | null = question.layer === 'persons' || ofBuildings ? { ...question, ...home, layer: 'persons' } : null
  const stays: Question | null =
    question.layer === 'residences'
      ? question
      : ofBuildings || (question.layer === 'persons' && isFree)
        ? { ...question, ...home, layer: 'residences', conditions: [OPEN_NOW] }
        : null
  return [
    ...(persons ? [{ by: 'register', question: persons } as const, { by: 'birth_date', question: persons } as const] : []),
    ...(stays ? [{ by: 'kind', question: stays } as const] : []),
  ]
}

/** A building asked about is not among those near it, but its people are. */
function isBesideBuildings({ subject }: Question): boolean {
  return 'layer' in subject && subject.layer === 'buildings'
}

/** The question that lists one count: a condition on the same field gives way. */
export function narrowed(question: Question, condition: Condition): Question {
  return { ...question, conditions: [...question.conditions.filter(({ field }) => field !== condition.field), condition] }
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
  return layer.fields.filter((field) => field.codes !== undefined || field.type === 'boolean' || field.name === 'birth_date')
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
  if (!isReach(draft)) return null
  return {
    layer: draft.layer,
    relation: draft.relation,
    ...(draft.relation === 'near' ? {} : { part: draft.part }),
    ...(draft.relation === 'within' ? {} : { metres: draft.metres }),
    subject: draft.subject,
    conditions: draft.conditions.filter(isFilled),
    ...(draft.building_conditions.length > 0 && LIVED_IN.includes(draft.layer) ? { building_conditions: draft.building_conditions } : {}),
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
    building_conditions: question.building_conditions ?? [],
  }
}
