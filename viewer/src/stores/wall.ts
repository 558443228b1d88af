import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { changeWall, createWall, getWall, wallStream } from '../api/evaluation'
import { FIRST_VIEW, wallOf } from '../model/wall'
import type { Wall, WallView } from '../model/wall'
import { useSession } from './session'

export type WallLink = 'off' | 'connecting' | 'open' | 'lost'

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 15_000

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
  let source: EventSource | null = null
  let retry: ReturnType<typeof setTimeout> | undefined
  let retryDelay = FIRST_RETRY_MS

  function accept(wall: Wall) {
    if (wall.code !== code.value || wall.version < version) return
    version = wall.version
    view.value = wall.view
  }

  function receive(event: MessageEvent<string>) {
    const wall = wallOf(JSON.parse(event.data))
    if (wall) accept(wall)
  }

  function opened() {
    link.value = 'open'
    retryDelay = FIRST_RETRY_MS
  }

  function failed() {
    link.value = 'lost'
    if (source?.readyState !== EventSource.CLOSED) return
    session.restore().catch(() => undefined)
    retry = setTimeout(follow, retryDelay)
    retryDelay = Math.min(retryDelay * 2, LONGEST_RETRY_MS)
  }

  function follow() {
    if (code.value === null) return
    source?.close()
    link.value = link.value === 'lost' ? 'lost' : 'connecting'
    source = new EventSource(wallStream(code.value))
    source.onopen = opened
    source.onerror = failed
    source.onmessage = receive
    source.addEventListener('end', unlink)
  }

  function begin(wall: Wall) {
    unlink()
    code.value = wall.code
    version = 0
    accept(wall)
    follow()
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
    clearTimeout(retry)
    source?.close()
    source = null
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
