import { computed, onBeforeUnmount, onMounted, watch } from 'vue'
import { readUrlState, writeUrlState } from '../model/url/state'
import type { UrlState } from '../model/url/state'
import { useHeat } from '../stores/heat'
import { useBuildingColours } from '../stores/buildingColours'
import { useLayers } from '../stores/layers'
import { useMapView } from '../stores/mapView'
import { useQuestion } from '../stores/question'
import { useOpenHouse } from '../stores/openHouse'
import { useOpenPlan } from '../stores/openPlan'
import { useReplay } from '../stores/replay'
import { useSelection } from '../stores/selection'
import { useWorkspace } from '../stores/workspace'

const SETTLE_MS = 250

function isSameSelection(a: UrlState, b: UrlState): boolean {
  return (
    a.selected?.layer === b.selected?.layer &&
    a.selected?.id === b.selected?.id &&
    a.dwelling === b.dwelling &&
    a.person === b.person &&
    a.plan === b.plan
  )
}

/**
 * Restores the state from the URL at once, then keeps the URL in step. A new selection is a step of the browser's
 * history, so that Back returns to the one before; moving the map is not.
 */
export function useUrlState() {
  const heat = useHeat()
  const colours = useBuildingColours()
  const layers = useLayers()
  const mapView = useMapView()
  const question = useQuestion()
  const openHouse = useOpenHouse()
  const selection = useSelection()
  const openPlan = useOpenPlan()
  const replay = useReplay()
  const workspace = useWorkspace()

  function restore(state: UrlState) {
    layers.restore(state.layers)
    mapView.mode = state.mode
    heat.question = state.heat
    selection.restore(state)
    question.ask(state.question)
    if (state.question) workspace.show('left', 'question')
    colours.choose(state.colour)
    openHouse.look(state.floor)
    openHouse.isSpread = state.isSpread
    openPlan.open(state.plan)
    if (state.plan !== null) workspace.show('left', 'plan')
    replay.restore(state.replay)
    if (state.replay) workspace.show('left', 'replay')
    if (state.tab !== null) workspace.show('right', state.tab)
  }

  const first = readUrlState(location.search)
  restore(first)
  mapView.view = first.view

  const current = computed<UrlState>(() => ({
    ...selection.state,
    view: mapView.view,
    mode: mapView.mode,
    layers: [...layers.visible],
    question: question.asked,
    heat: heat.question,
    colour: colours.chosen,
    floor: openHouse.floor,
    isSpread: openHouse.isSpread,
    plan: openPlan.id,
    replay: replay.question,
    tab: workspace.open.right ?? null,
  }))

  let timer: ReturnType<typeof setTimeout> | undefined

  function save() {
    clearTimeout(timer)
    timer = undefined
    const search = writeUrlState(location.search, current.value)
    if (search === location.search) return
    const before = readUrlState(location.search)
    const url = `${location.pathname}${search}${location.hash}`
    if (isSameSelection(before, current.value)) history.replaceState(null, '', url)
    else history.pushState(null, '', url)
  }

  watch(current, () => {
    clearTimeout(timer)
    timer = setTimeout(save, SETTLE_MS)
  })

  function wentBack() {
    clearTimeout(timer)
    timer = undefined
    const state = readUrlState(location.search)
    restore(state)
    if (state.view) mapView.flyTo(state.view)
  }

  onMounted(() => window.addEventListener('popstate', wentBack))
  onBeforeUnmount(() => {
    if (timer !== undefined) save()
    window.removeEventListener('popstate', wentBack)
  })
}
