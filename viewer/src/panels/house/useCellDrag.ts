import { ref } from 'vue'
import type { Ref } from 'vue'

interface CellDrag {
  /** Whether rooms are edited now. */
  readonly isOn: () => boolean
  readonly root: Ref<HTMLElement | null>
  readonly drop: (from: number, onto: number) => void
}

/** A room carried over the others, by the pointer or by the keyboard, and dropped on one of them. */
export function useCellDrag({ isOn, root, drop }: CellDrag) {
  /** The room that is carried, and the one below it. */
  const carried = ref<number | null>(null)
  const target = ref<number | null>(null)
  let pressed: number | null = null
  let hasDragged = false

  function roomAt(event: PointerEvent): number | null {
    const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>('[data-room]')
    return cell && root.value?.contains(cell) ? Number(cell.dataset.room) : null
  }

  function letGo() {
    pressed = null
    carried.value = null
    target.value = null
    // The click that ends a drag comes at once, or not at all: then the next key must not be taken for it.
    setTimeout(() => (hasDragged = false))
  }

  function press(event: PointerEvent) {
    hasDragged = false
    // A finger that moves scrolls; it picks by tapping.
    pressed = isOn() && event.pointerType !== 'touch' && event.button === 0 ? roomAt(event) : null
  }

  function move(event: PointerEvent) {
    if (pressed === null) return
    const over = roomAt(event)
    if (over === pressed && !hasDragged) return
    // Whatever lies beside the matrix, the drag ends here; a mere click stays with its cell.
    if (!hasDragged) root.value?.setPointerCapture(event.pointerId)
    hasDragged = true
    carried.value = pressed
    target.value = over === pressed ? null : over
  }

  function release() {
    const [from, onto] = [carried.value, target.value]
    letGo()
    if (from !== null && onto !== null && hasDragged) drop(from, onto)
  }

  /** Whether a click ends a drag and means nothing else. */
  function endsDrag(): boolean {
    const ends = hasDragged
    hasDragged = false
    return ends
  }

  /** M lifts the room and drops it on the one the arrows reach, Escape puts it back; whether the key was one of these. */
  function keyed(key: string, room: number | null): boolean {
    if (!isOn() || room === null) return false
    if (key === 'Escape' && carried.value !== null) {
      letGo()
      return true
    }
    if (key.toLowerCase() !== 'm') return false
    const from = carried.value
    letGo()
    if (from === null) carried.value = room
    else if (from !== room) drop(from, room)
    return true
  }

  /** The arrows went to a room. */
  function passTo(room: number | null) {
    if (carried.value !== null) target.value = room === carried.value ? null : room
  }

  return { carried, target, press, move, release, letGo, endsDrag, keyed, passTo }
}
