import { onScopeDispose } from 'vue'
import type { LayerName } from '../../generated/layers'
import type { LiveMessage } from '../../model/liveMessage'
import { useLive } from '../../stores/live'

const CALM_MS = 1_500

/** Reloads a while after the last of a run of changes to the layers, and when changes were missed. */
export function useLiveReload(
  layers: readonly LayerName[],
  reload: () => unknown,
  isMeant: (message: LiveMessage) => boolean = () => true,
): void {
  const live = useLive()
  let timer: ReturnType<typeof setTimeout> | undefined

  function soon() {
    clearTimeout(timer)
    timer = setTimeout(reload, CALM_MS)
  }

  const stops = [
    live.onGap(soon),
    live.onChange((message) => {
      if (layers.includes(message.layer) && isMeant(message)) soon()
    }),
  ]
  onScopeDispose(() => {
    clearTimeout(timer)
    for (const stop of stops) stop()
  })
}
