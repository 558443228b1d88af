import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import { useCellDrag } from './useCellDrag'

const root = document.createElement('div')
const cells = [1, 2].map((room) => {
  const cell = document.createElement('div')
  cell.dataset['room'] = String(room)
  root.append(cell)
  return cell
})
let under: Element | null = null

function at(cell: Element | undefined): PointerEvent {
  under = cell ?? null
  return new PointerEvent('pointermove', { pointerType: 'mouse', button: 0 })
}

function started() {
  const drop = vi.fn()
  const drag = useCellDrag({ isOn: () => true, root: ref(root), drop })
  drag.press(at(cells[0]))
  drag.move(at(cells[1]))
  return { drag, drop }
}

beforeEach(() => {
  vi.useFakeTimers()
  root.setPointerCapture = () => undefined
  document.elementFromPoint = () => under
})
afterEach(() => vi.useRealTimers())

it('drops on the room below, and the click that comes with the release means nothing else', () => {
  const { drag, drop } = started()
  drag.release()
  expect(drop).toHaveBeenCalledWith(1, 2)
  expect(drag.endsDrag()).toBe(true)
  expect(drag.endsDrag()).toBe(false)
})

it.each(['release', 'letGo'] as const)('leaves the next key alone when no click comes after %s', (ending) => {
  const { drag } = started()
  drag[ending]()
  vi.runAllTimers()
  expect(drag.endsDrag()).toBe(false)
})
