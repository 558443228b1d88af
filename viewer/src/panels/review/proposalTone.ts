import type { ProposalState } from '../../api/proposals'

/** The tone of a badge by the state it tells. */
export const PROPOSAL_TONES: Readonly<Record<ProposalState, 'info' | 'good' | 'bad' | 'neutral'>> = {
  pending: 'info',
  accepted: 'good',
  returned: 'bad',
  withdrawn: 'neutral',
  superseded: 'neutral',
}
