import type { Condition } from '../question'

/** Features that are sent as an address: those of a layer that meet conditions. */
export interface ChosenFeatures {
  readonly layer: string
  readonly rules: readonly Condition[]
}

/** The server takes no more of them. */
export const MOST_FEATURES = 5_000

type Value = string | number

const DAY = /^\d{4}-\d{2}-\d{2}$/
const MOMENT = /^\d{4}-\d{2}-\d{2}T/

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

function literal(value: Value): string {
  if (typeof value === 'number') return String(value)
  if (DAY.test(value)) return `DATE('${value}')`
  return MOMENT.test(value) ? `TIMESTAMP('${value}')` : quoted(value)
}

/** A text within a pattern of LIKE. */
const pattern = (text: string) => text.replaceAll(/[\\%_]/g, '\\$&')

function clausesOf({ field, in: values, minimum, maximum, contains, begins, is, empty }: Condition): readonly string[] {
  const name = `"${field}"`
  const clauses = [
    values && values.length > 0 && `${name} IN (${values.map((value) => (typeof value === 'number' ? String(value) : quoted(value))).join(', ')})`,
    minimum !== undefined && minimum !== '' && `${name} >= ${literal(minimum)}`,
    maximum !== undefined && maximum !== '' && `${name} <= ${literal(maximum)}`,
    contains && `${name} LIKE ${quoted(`%${pattern(contains)}%`)}`,
    begins && `${name} LIKE ${quoted(`${pattern(begins)}%`)}`,
    is !== undefined && `${name} = ${is ? 'TRUE' : 'FALSE'}`,
    empty !== undefined && `${name} IS ${empty ? '' : 'NOT '}NULL`,
  ]
  return clauses.filter((clause) => typeof clause === 'string' && clause !== '') as string[]
}

/** The conditions as CQL2 text (OGC 21-065r2); '' when they say nothing. */
export function filterOf(rules: readonly Condition[]): string {
  return rules.flatMap(clausesOf).join(' AND ')
}

/** The address of the features; undefined while no layer is chosen. */
export function featuresAddress({ layer, rules }: ChosenFeatures, base: string): string | undefined {
  if (layer === '') return undefined
  const filter = filterOf(rules)
  return `${base}/collections/${layer}/items${filter ? `?filter=${encodeURIComponent(filter)}` : ''}`
}
