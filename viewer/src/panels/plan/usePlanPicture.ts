import { onBeforeUnmount, watch } from 'vue'
import type { Ref } from 'vue'
import { goTo, hidePlan, showFaults, showPlan } from '../../commands/planMap'
import { useLocale } from '../../locales'
import type { BaseGrid } from '../../model/plan'
import { useMapView } from '../../stores/mapView'
import type { Tool } from './PlanTools.vue'
import type { usePlan } from './usePlan'

/** What of a plan stands on the map. */
export interface PlanPicture {
  readonly side: Ref<'after' | 'before'>
  readonly grids: Ref<readonly BaseGrid[]>
  readonly selected: Ref<ReadonlySet<number>>
  readonly tool: Ref<Tool | null>
  readonly toggle: (key: number) => void
}

/** Draws the grids of a plan and its faults on the map for as long as the panel stands. */
export function usePlanPicture(desk: ReturnType<typeof usePlan>, picture: PlanPicture) {
  const { plan, preview, refusal } = desk
  const { side, grids, selected, tool, toggle } = picture
  const mapView = useMapView()
  const { formatNumber, t } = useLocale()

  function label({ name, figures }: BaseGrid): string {
    const people = figures.residents ?? figures.dwellings
    if (people === null) return name
    return `${name}\n${t(figures.residents === null ? 'plan.label.dwellings' : 'plan.label.residents', { count: formatNumber(people) })}`
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
  onBeforeUnmount(() => hidePlan(mapView.port))
}
