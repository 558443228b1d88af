import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Ref } from 'vue'
import { getHotZoneRows, getHotZones, keepHotZones } from '../../api/heat'
import type { HotZoneFeature } from '../../api/heat'
import { useLocale } from '../../locales'
import { boundsOf, grown } from '../../model/bounds'
import { spanOf, datetimeOf } from '../../model/heat/period'
import { useHeat } from '../../stores/heat'
import { useLayers } from '../../stores/layers'
import { useMapView } from '../../stores/mapView'
import { useLiveReload } from '../shared/useLiveReload'
import { useLoaded } from '../shared/useLoaded'
import type { Rows } from './rows'

const OWNER = 'heat-zones'
const SETTLE_MS = 300
const MARGIN = 0.4

/** Keeps the zones that the heat map's conditions find as features. */
function useKeeping(reach: Ref<number>, least: Ref<number>) {
  const heat = useHeat()
  const layers = useLayers()
  const mapView = useMapView()
  const kept = ref<number | null>(null)
  const keepFailure = shallowRef<unknown>(null)
  const isKeeping = ref(false)

  function forgetKept() {
    kept.value = null
    keepFailure.value = null
  }

  async function keep(name: string) {
    const { question } = heat
    const span = question && spanOf(question.period, new Date())
    if (!question || !span) return
    isKeeping.value = true
    forgetKept()
    try {
      const where = question.field && question.codes.length > 0 ? { [question.field]: question.codes } : {}
      const settings = { reach: reach.value, least: least.value, area: question.area, where }
      const ids = await keepHotZones({ name, datetime: datetimeOf(span), ...settings })
      kept.value = ids.length
      layers.setVisible(['hot_zones'], true)
      mapView.refreshLayer('hot_zones')
    } catch (failure) {
      keepFailure.value = failure
    } finally {
      isKeeping.value = false
    }
  }

  return { kept, keepFailure, isKeeping, keep, forgetKept }
}

/** Hot zones of the incidents of the heat map: found when asked for, then kept in step with its conditions. */
export function useHotZones() {
  const heat = useHeat()
  const mapView = useMapView()
  const { t } = useLocale()

  const reach = ref(100)
  const least = ref(8)
  const isOn = ref(false)
  const chosen = ref<number | null>(null)
  const { kept, keepFailure, isKeeping, keep, forgetKept } = useKeeping(reach, least)

  const query = computed(() => heat.places && { ...heat.places, reach: reach.value, least: least.value })
  const wanted = ref<string | null>(null)

  // A slider in motion asks once, when it rests.
  let timer: ReturnType<typeof setTimeout> | undefined
  watch([query, isOn], () => {
    clearTimeout(timer)
    forgetKept()
    timer = setTimeout(() => {
      wanted.value = isOn.value && query.value ? JSON.stringify(query.value) : null
    }, SETTLE_MS)
  })

  const { data, error, isLoading, reload } = useLoaded(
    () => wanted.value,
    (key, signal) => getHotZones(JSON.parse(key) as NonNullable<typeof query.value>, signal),
  )
  useLiveReload(['incidents'], () => wanted.value && reload())

  function draw(zones: readonly HotZoneFeature[] | null) {
    const features = zones?.map((zone) => ({
      ...zone,
      properties: { label: `${zone.id}`, strong: zone.id === chosen.value },
    }))
    const click = ({ id }: { readonly id?: string | number | undefined }) => choose(Number(id))
    mapView.shapes(OWNER, features ? { features } : null, 'zone', click)
  }

  watch([data, chosen], () => draw(data.value))
  onScopeDispose(() => {
    clearTimeout(timer)
    draw(null)
  })

  function choose(number: number) {
    chosen.value = number
  }

  function show(zone: HotZoneFeature) {
    choose(zone.id)
    const bounds = boundsOf(zone.geometry)
    if (bounds) mapView.fitBounds(grown(bounds, MARGIN))
  }

  function rowsOf({ properties }: HotZoneFeature, before: boolean): Rows {
    const { number } = properties
    const asked = { ...query.value, zone: number, before }
    return {
      title: t(before ? 'heat.zoneBefore' : 'heat.zone', { number }),
      layer: 'incidents',
      load: (page, signal) => getHotZoneRows(asked, page, signal),
    }
  }

  return { reach, least, isOn, chosen, zones: data, error, isLoading, kept, keepFailure, isKeeping, reload, show, rowsOf, keep }
}
