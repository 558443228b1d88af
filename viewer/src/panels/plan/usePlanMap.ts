import { computed, onBeforeUnmount, shallowRef } from 'vue'
import type { Ref } from 'vue'
import type { BaseGrid } from '../../model/plan'
import type { Tool } from './PlanTools.vue'
import type { usePlan } from './usePlan'
import { usePlanPicture } from './usePlanPicture'
import { usePlanTools } from './usePlanTools'
import { useUndoKeys } from './useUndoKeys'

/** The plan on the map: what is chosen, which tool is in hand, and what is done with it. */
export function usePlanMap(desk: ReturnType<typeof usePlan>, side: Ref<'after' | 'before'>) {
  const { plan, preview, refusal } = desk
  const selected = shallowRef<ReadonlySet<number>>(new Set())
  const { tool, snap, dragging, start, drop } = usePlanTools(desk, selected)

  const grids = computed<readonly BaseGrid[]>(() => {
    if (!plan.value) return []
    if (side.value === 'before') return plan.value.base
    return dragging.value ?? preview.value?.pieces ?? plan.value.pieces
  })

  function toggle(key: number) {
    const next = new Set(selected.value)
    if (!next.delete(key)) next.add(key)
    selected.value = next
  }

  function clear() {
    selected.value = new Set()
  }

  /** Takes up a tool; the one in hand is put away. */
  function use(next: Tool) {
    const again = tool.value === next
    drop()
    refusal.value = null
    side.value = 'after'
    if (!again) start(next)
  }

  async function merge() {
    drop()
    if (await desk.operate({ kind: 'merge', grids: [...selected.value] })) clear()
  }

  async function step(go: () => Promise<boolean>) {
    drop()
    clear()
    await go()
  }

  const undo = () => step(desk.undo)
  const redo = () => step(desk.redo)

  usePlanPicture(desk, { side, grids, selected, tool, toggle })
  useUndoKeys(() => plan.value?.editable ?? false, undo, redo)
  onBeforeUnmount(() => {
    desk.forget()
    tool.value = null
  })

  return { selected, tool, snap, toggle, use, merge, undo, redo }
}
