import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { changeWall, createWall, getWall } from '../api/evaluation'
import { FIRST_VIEW } from '../model/wall'
import type { Wall, WallView } from '../model/wall'
import { useSession } from './session'
import { followWall } from './wallStream'

export type WallLink = 'off' | 'connecting' | 'open' | 'lost'

/**
 * What this screen looks at, and its link to other screens. A change shows here at once and goes to the server;
 * what the server tells counts.
 */
export const useWall = defineStore('wall', () => {
  const session = useSession()
  const view = shallowRef<WallView>(FIRST_VIEW)
  const code = ref<string | null>(null)
  const link = ref<WallLink>('off')
  const failure = shallowRef<unknown>(null)

  let version = 0
  let stop: () => void = () => undefined

  function accept(wall: Wall) {
    if (wall.code !== code.value || wall.version < version) return
    version = wall.version
    view.value = wall.view
  }

  function lost(isRefused: boolean) {
    link.value = 'lost'
    // A refused stream does not say why; asking who is signed in ends a session that is over.
    if (isRefused) session.restore().catch(() => undefined)
  }

  function begin(wall: Wall) {
    unlink()
    code.value = wall.code
    link.value = 'connecting'
    version = 0
    accept(wall)
    stop = followWall(wall.code, {
      onWall: accept,
      onOpen: () => (link.value = 'open'),
      onLost: lost,
      onEnd: unlink,
    })
  }

  /** Makes a wall that shows what this screen shows; other screens join it by its code. */
  async function create() {
    begin(await createWall(view.value))
  }

  /** Joins the wall of the code. Throws ApiError 404 when there is none. */
  async function join(pairingCode: string) {
    begin(await getWall(pairingCode))
  }

  /** Goes on alone with what is shown. */
  function unlink() {
    stop()
    code.value = null
    link.value = 'off'
  }

  /** Looks at something else, on every linked screen. */
  async function change(members: Partial<WallView>) {
    view.value = { ...view.value, ...members }
    const linked = code.value
    if (linked === null) return
    try {
      failure.value = null
      accept(await changeWall(linked, members))
    } catch (error) {
      failure.value = error
      if (link.value === 'open') getWall(linked).then(accept, () => undefined)
    }
  }

  return { view, code, link, failure, create, join, unlink, change }
})
