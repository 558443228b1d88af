import { deleteFeature, getFeature, updateFeature } from '../api/features'
import type { Feature } from '../api/features'
import type { LayerName } from '../generated/layers'
import type { FormValues } from '../model/form'
import type { MapPort } from '../model/mapPort'
import { useCatalogue } from '../stores/catalogue'
import { useSelection } from '../stores/selection'

/** The version of a feature that an edit has to name. */
export function versionOf(feature: Feature): number {
  const version = feature.properties.row_version
  return typeof version === 'number' ? version : 1
}

/** Writes the changes against the version read. Throws ApiError: 409 stale, 400/422 with faults. */
export async function saveChanges(
  port: MapPort,
  layer: LayerName,
  feature: Feature,
  changes: FormValues,
): Promise<Feature> {
  const saved = await updateFeature(layer, feature.id, versionOf(feature), changes)
  port.refreshLayer(layer)
  return saved
}

/** Deletes the feature and lets go of the selection. Throws ApiError. */
export async function removeFeature(port: MapPort, layer: LayerName, feature: Feature): Promise<void> {
  await deleteFeature(layer, feature.id, versionOf(feature))
  port.refreshLayer(layer)
  useSelection().clear()
  await useCatalogue().refreshCounts()
}

/** The feature as it stands now, to be compared with an edit that came too late. */
export const currentState = (layer: LayerName, id: number) => getFeature(layer, id)
