import { computed, ref, shallowRef } from 'vue'
import type { Ref } from 'vue'
import { dragBorders, drawCut, SNAP_TO } from '../../commands/planMap'
import type { BorderDragging } from '../../commands/planMap'
import { middleOf, pieceAt } from '../../model/plan'
import type { BaseGrid, Operation, Place } from '../../model/plan'
import { useMapView } from '../../stores/mapView'
import type { Tool } from './PlanTools.vue'
import type { usePlan } from './usePlan'

/** Metres within which lines and corners come to lie on borders, roads and outlines. */
const SNAP_METRES = 8

/** The tools that draw on the map: the knife and the handles of the borders. */
export function usePlanTools(desk: ReturnType<typeof usePlan>, selected: Ref<ReadonlySet<number>>) {
  const { plan } = desk
  const mapView = useMapView()
  const tool = ref<Tool | null>(null)
  const snap = ref(true)
  /** The grids while a border is dragged. */
  const dragging = shallowRef<readonly BaseGrid[] | null>(null)
  let borders: BorderDragging | null = null
  const metres = computed(() => (snap.value ? SNAP_METRES : 0))
  const snapTo = () => (snap.value ? SNAP_TO : [])

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
    const line = await drawCut(mapView.port, snapTo, (sofar) => {
      const operation = cutting(sofar)
      if (operation) desk.attempt(operation)
      else desk.forget()
    })
    desk.forget()
    const operation = line && cutting(line)
    if (tool.value === 'split') tool.value = null
    if (operation && (await desk.operate(operation))) selected.value = new Set()
  }

  async function move() {
    if (!plan.value) return
    borders = await dragBorders(mapView.port, plan.value.pieces, snapTo, {
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

  function start(next: Tool) {
    tool.value = next
    void (next === 'split' ? split() : move())
  }

  /** Puts the tool away. */
  function drop() {
    tool.value = null
    mapView.cancelDraw()
  }

  return { tool, snap, dragging, start, drop }
}
