import type { FeatureCollection } from '../../api/features'
import type { PageQuery } from '../../api/heat'
import type { LayerName } from '../../generated/layers'

/** The rows behind a number, fetched page by page. */
export interface Rows {
  readonly title: string
  readonly layer: LayerName
  load(page: PageQuery, signal: AbortSignal): Promise<FeatureCollection>
}
