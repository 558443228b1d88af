import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue'
import type { Ref } from 'vue'
import { dragBorders, drawCut, goTo, hidePlan, showFaults, showPlan } from '../../commands/planMap'
import type { BorderDragging } from '../../commands/planMap'
import { useLocale } from '../../locales'
import { middleOf, pieceAt } from '../../model/plan'
import type { BaseGrid, Operation, Place } from '../../model/plan'
import { useMapView } from '../../stores/mapView'
import type { Tool } from './PlanTools.vue'
import type { usePlan } from './usePlan'

/** Metres within which lines and corners come to lie on borders, roads and outlines. */
const SNAP_METRES = 8

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

/** The plan on the map: what is chosen, which tool is in hand, and what is done with it. */
export function usePlanMap(desk: ReturnType<typeof usePlan>, side: Ref<'after' | 'before'>) {
  const { plan, preview, refusal } = desk
  const mapView = useMapView()
  const { formatNumber, t } = useLocale()
  const selected = shallowRef<ReadonlySet<number>>(new Set())
  const tool = ref<Tool | null>(null)
  const snap = ref(true)
  /** The grids while a border is dragged. */
  const dragging = shallowRef<readonly BaseGrid[] | null>(null)
  let borders: BorderDragging | null = null
  const metres = computed(() => (snap.value ? SNAP_METRES : 0))

  const grids = computed<readonly BaseGrid[]>(() => {
    if (!plan.value) return []
    if (side.value === 'before') return plan.value.base
    return dragging.value ?? preview.value?.pieces ?? plan.value.pieces
  })

  function label({ name, figures }: BaseGrid): string {
    const people = figures.residents ?? figures.dwellings
    if (people === null) return name
    return `${name}\n${t(figures.residents === null ? 'plan.label.dwellings' : 'plan.label.residents', { count: formatNumber(people) })}`
  }

  function toggle(key: number) {
    const next = new Set(selected.value)
    if (!next.delete(key)) next.add(key)
    selected.value = next
  }

  function choose(keys: readonly number[]) {
    selected.value = new Set(keys)
  }

  /** The piece that a line cuts: the one chosen, else the one its middle lies in. */
  function cutPiece(line: readonly Place[]): number | null {
    const [only, ...others] = selected.value
    if (only !== undefined && others.length === 0) return only
    return pieceAt(plan.value?.pieces ?? [], middleOf(line))
  }

  function cutting(line: readonly Place[]): Operation | null {
    const grid = line.length > 1 ? cutPiece(line) : null
    return grid === null ? null : { kind: 'split', grid, line, snap: metres.value }
  }

  async function split() {
    const line = await drawCut(mapView.port, (sofar) => {
      const operation = cutting(sofar)
      if (operation) desk.attempt(operation)
      else desk.forget()
    })
    desk.forget()
    const operation = line && cutting(line)
    if (tool.value === 'split') tool.value = null
    if (operation && (await desk.operate(operation))) choose([])
  }

  async function move() {
    if (!plan.value) return
    borders = await dragBorders(mapView.port, plan.value.pieces, {
      show: (shown) => (dragging.value = shown),
      drop: (drag) => void moved({ kind: 'move', drags: [drag], snap: metres.value }),
      onEnd: () => {
        borders = null
        dragging.value = null
        if (tool.value === 'move') tool.value = null
      },
    })
  }

  /** Done or refused, the handles stand where the server says the borders are. */
  async function moved(operation: Operation) {
    await desk.operate(operation)
    dragging.value = null
    if (plan.value) borders?.update(plan.value.pieces)
  }

  function use(next: Tool) {
    const again = tool.value === next
    tool.value = null
    mapView.cancelDraw()
    refusal.value = null
    side.value = 'after'
    if (again) return
    tool.value = next
    void (next === 'split' ? split() : move())
  }

  function drop() {
    tool.value = null
    mapView.cancelDraw()
  }

  async function merge() {
    drop()
    if (await desk.operate({ kind: 'merge', grids: [...selected.value] })) choose([])
  }

  async function step(go: () => Promise<boolean>) {
    drop()
    choose([])
    await go()
  }

  const undo = () => step(desk.undo)
  const redo = () => step(desk.redo)

  function pressed(event: KeyboardEvent) {
    if (!(event.ctrlKey || event.metaKey) || isTyping(event.target) || !plan.value?.editable) return
    const key = event.key.toLowerCase()
    if (key !== 'z' && key !== 'y') return
    event.preventDefault()
    void (key === 'y' || event.shiftKey ? redo() : undo())
  }

  watch(
    [grids, selected, tool, side],
    () =>
      showPlan(mapView.port, {
        grids: grids.value,
        selected: selected.value,
        label,
        onClick: tool.value ? null : toggle,
        isDraft: side.value === 'after',
      }),
  )
  watch([() => preview.value?.faults ?? plan.value?.faults, refusal, side], ([faults, refused, shown]) => {
    const places = shown === 'before' ? [] : (faults ?? []).map(({ geometry }) => geometry)
    showFaults(mapView.port, refused?.where ? [...places, refused.where] : places)
  })
  watch(
    () => plan.value?.id,
    () => {
      if (plan.value?.community.border) goTo(mapView.port, plan.value.community.border)
    },
  )

  onMounted(() => window.addEventListener('keydown', pressed))
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', pressed)
    desk.forget()
    tool.value = null
    hidePlan(mapView.port)
  })

  return { selected, tool, snap, toggle, use, merge, undo, redo }
}
