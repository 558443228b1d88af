import { updateFeature } from '../api/features'
import { propose } from '../api/proposals'
import type { HouseholdMember } from '../model/people'

/** Ends somebody's residence on a day, or hands that in. Throws ApiError. */
export async function endStay(member: HouseholdMember, on: string, why: string, proposes: boolean): Promise<void> {
  const changes = { valid_to: on, leaving_reason: why }
  const { residence_id: id, row_version: version } = member
  if (proposes) await propose({ layer: 'residences', operation: 'update', feature_id: id, row_version: version, values: changes })
  else await updateFeature('residences', id, version, changes)
}
