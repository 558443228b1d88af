import { getListedCases, getMeasuredCases } from '../../api/evaluation'
import type { CaseFilter, CaseListCount, CaseRow, MeasuredCount, Span } from '../../api/evaluation'
import { findFeatures } from '../../api/features'
import type { Feature, FeatureCollection } from '../../api/features'
import type { LayerDeclaration, LayerName } from '../../generated/layers'

export const PAGE = 100

/** A row in the words of the reader. */
export interface Row {
  readonly id: number
  readonly title: string
  readonly subtitle: string
}

export interface RowPage {
  readonly items: readonly Row[]
  readonly next: string | null
  /** How many rows there are in all; null when this page does not say. */
  readonly matched: number | null
}

/** What stands behind a number: of which layer the rows are, and how to get them. */
export interface RowSource {
  readonly layer: LayerName
  readonly title: string
  load(after: string | null): Promise<RowPage>
}

/** The words for one field of a feature. */
export type FieldWords = (name: string | null, feature: Feature) => string

/** The rows of a layer in an area; `equals` are properties they all have. */
export function layerRows(
  layer: LayerDeclaration,
  area: string,
  title: string,
  words: FieldWords,
  equals: Readonly<Record<string, string>> = {},
): RowSource {
  return featureRows(layer, title, words, (after) =>
    findFeatures(layer.name, {
      ...equals,
      ...(area ? { area } : {}),
      ...(after === null ? { count: 'true' } : { after }),
      limit: PAGE,
    }),
  )
}

/** The rows of a layer that `find` gives, page by page. */
export function featureRows(
  layer: LayerDeclaration,
  title: string,
  words: FieldWords,
  find: (after: string | null) => Promise<FeatureCollection>,
): RowSource {
  const rowOf = (feature: Feature): Row => ({
    id: feature.id,
    title: words(layer.title_field, feature) || String(feature.properties.code ?? '') || `#${feature.id}`,
    subtitle: words(layer.subtitle_field, feature),
  })
  return {
    layer: layer.name,
    title,
    async load(after) {
      const page = await find(after)
      return { items: page.features.map(rowOf), next: page.next ?? null, matched: page.numberMatched ?? null }
    },
  }
}

/** The words for a case. */
export type CaseWords = (row: CaseRow) => Omit<Row, 'id'>

/** The cases of a work list. */
export function listRows(list: CaseListCount, filter: CaseFilter, title: string, words: CaseWords): RowSource {
  return {
    layer: 'incidents',
    title,
    async load(after) {
      const { items, next } = await getListedCases(list.name, filter, 'due', PAGE, after)
      return { items: items.map((row) => ({ id: row.id, ...words(row) })), next, matched: after === null ? list.count : null }
    },
  }
}

/** The cases a measure counts. */
export function measureRows(
  counted: MeasuredCount,
  span: Span,
  title: string,
  words: CaseWords,
): RowSource {
  return {
    layer: 'incidents',
    title,
    async load(after) {
      const { items, next } = await getMeasuredCases(counted.measure, span, after)
      return {
        items: items.map((row) => ({ id: row.id, ...words(row) })),
        next: next === null ? null : String(next),
        matched: after === null ? counted.count : null,
      }
    },
  }
}
