import type { Feature } from '../api/features'
import { acceptProposal, propose } from '../api/proposals'
import type { Proposal } from '../api/proposals'
import type { LayerName } from '../generated/layers'
import type { FormField, FormValues } from '../model/form'
import type { MapPort } from '../model/mapPort'
import { resubmitted } from '../model/review'
import { versionOf } from './editFeature'

/** Hands changes in, to be decided on by somebody else. Throws ApiError like saving does. */
export const proposeChanges = (layer: LayerName, feature: Feature, changes: FormValues, reason: string) =>
  propose({
    layer,
    operation: 'update',
    feature_id: feature.id,
    row_version: versionOf(feature),
    values: changes,
    reason,
  })

/** Hands in that the feature should go. Throws ApiError. */
export const proposeRemoval = (layer: LayerName, feature: Feature, reason: string) =>
  propose({ layer, operation: 'delete', feature_id: feature.id, row_version: versionOf(feature), reason })

/** Hands a proposal in anew with changes, over the row as it is now. Throws ApiError. */
export const proposeAgain = (proposal: Proposal, fields: readonly FormField[], changes: FormValues) =>
  propose({
    layer: proposal.layer,
    operation: proposal.operation,
    feature_id: proposal.operation === 'create' ? null : proposal.feature_id,
    row_version: proposal.current_version,
    values: proposal.operation === 'delete' ? {} : resubmitted(fields, proposal.values, changes),
    reason: proposal.reason ?? undefined,
    replaces: proposal.id,
  })

/** Writes what is proposed, corrected, over the version that was on the screen. Throws ApiError. */
export async function acceptSeen(port: MapPort, proposal: Proposal, correction: FormValues, reason: string): Promise<Proposal> {
  const accepted = await acceptProposal(proposal.id, correction, proposal.current_version, reason)
  port.refreshLayer(proposal.layer)
  return accepted
}
