import type { LayerName } from '../generated/layers'

/** The name under which changes of proposals are told: they are no layer. */
export const PROPOSALS = 'proposals'

export type LiveTopic = LayerName | typeof PROPOSALS

/** One change told by the server: a single feature, or a whole layer after bulk work. */
export interface LiveMessage {
  readonly layer: LiveTopic
  readonly id: number | null
  readonly action: 'create' | 'update' | 'delete' | 'all'
}

const ACTIONS = ['create', 'update', 'delete'] as const

/** The message in a line of the event stream; 'reset' when lines were lost; null for anything else. */
export function parseLiveMessage(
  data: string,
  isLayerName: (name: string) => name is LayerName,
): LiveMessage | 'reset' | null {
  let body: unknown
  try {
    body = JSON.parse(data)
  } catch {
    return null
  }
  if (typeof body !== 'object' || body === null) return null
  if ('reset' in body && body.reset === true) return 'reset'
  if (!('layer' in body)) return null
  const { layer } = body
  if (typeof layer !== 'string' || (layer !== PROPOSALS && !isLayerName(layer))) return null
  if ('all' in body && body.all === true) return { layer, id: null, action: 'all' }
  const action = ACTIONS.find((known) => 'action' in body && body.action === known)
  if (!action || !('id' in body) || typeof body.id !== 'number') return null
  return { layer, id: body.id, action }
}
