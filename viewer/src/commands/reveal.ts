import { reveal } from '../api/persons'
import { useReveal } from '../stores/reveal'
import type { RevealRequest } from '../stores/reveal'
import { useWorkspace } from '../stores/workspace'

/** Opens the dialog that asks why the value has to be read. */
export function askToReveal(request: RevealRequest): void {
  useReveal().ask(request)
  useWorkspace().show('dialog', 'reveal')
}

/** Reads the value asked for and keeps it until the panel closes. Throws ApiError. */
export async function revealWithReason(request: RevealRequest, reason: string): Promise<void> {
  const store = useReveal()
  const { layer, id, field } = request
  store.keep(request, await reveal({ layer, id, field }, reason.trim()))
  store.lastReason = reason.trim()
  useWorkspace().hide('dialog')
}
