import { computed, ref } from 'vue'
import type { Ref } from 'vue'
import { showArea } from '../../commands/showArea'
import { useMapView } from '../../stores/mapView'

interface Place {
  readonly code: string
  readonly name: string
}

interface CountedArea {
  readonly key: string | null
  readonly name: string | null
}

/** Going down from area to area: the way gone, and the areas with something in them below the last. */
export function useAreaDrill<Area extends CountedArea, Filter extends { readonly area?: string }>(
  filter: Ref<Filter>,
  found: () => readonly Area[],
  countOf: (area: Area) => number,
) {
  const mapView = useMapView()
  /** The areas gone down through, the one shown last. */
  const way = ref<readonly Place[]>([])
  const areas = computed(() =>
    found().flatMap((each) => {
      const count = countOf(each)
      return each.key === null || each.key === filter.value.area || count === 0 ? [] : [{ code: each.key, name: each.name ?? each.key, count }]
    }),
  )

  /** Goes down into an area or back up to one gone through; an empty code leads to the top. */
  function goInto(code: string) {
    const name = found().find((each) => each.key === code)?.name ?? code
    const index = way.value.findIndex((each) => each.code === code)
    way.value = index >= 0 ? way.value.slice(0, index + 1) : code ? [...way.value, { code, name }] : []
    filter.value = { ...filter.value, area: code || undefined }
    if (code) void showArea(mapView.port, code)
  }

  return { way, areas, goInto }
}
