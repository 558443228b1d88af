import { onScopeDispose } from 'vue'
import type { LiveMessage, LiveTopic } from '../../model/liveMessage'
import { calm } from '../../model/calm'
import { useLive } from '../../stores/live'

/** The writes of one step come together. */
const WAIT_MS = 200
const INTERVAL_MS = 1_500

/** Reloads soon after the layers have changed, once for a run of changes, and when changes were missed. */
export function useLiveReload(
  layers: readonly LiveTopic[],
  reload: () => unknown,
  isMeant: (message: LiveMessage) => boolean = () => true,
): void {
  const live = useLive()
  const reloading = calm(reload, WAIT_MS, INTERVAL_MS)
  const stops = [
    live.onGap(reloading.soon),
    live.onChange((message) => {
      if (layers.includes(message.layer) && isMeant(message)) reloading.soon()
    }),
    reloading.stop,
  ]
  onScopeDispose(() => {
    for (const stop of stops) stop()
  })
}
