import { onBeforeUnmount, onMounted, ref, watch } from 'vue'
import type { Ref } from 'vue'
import { useAppearance } from '../stores/appearance'
import { useMapView } from '../stores/mapView'

/** Width and height of an element in pixels, 0 while it is not there. */
function useSize(element: Ref<HTMLElement | null>) {
  const width = ref(0)
  const height = ref(0)
  const measure = () => {
    width.value = element.value?.offsetWidth ?? 0
    height.value = element.value?.offsetHeight ?? 0
  }
  const observer = new ResizeObserver(measure)
  const observe = (next: HTMLElement | null) => {
    observer.disconnect()
    // The observer first speaks a frame later; a map made meanwhile would not know of the panel.
    measure()
    if (next) observer.observe(next)
  }
  onMounted(() => observe(element.value))
  watch(element, observe)
  onBeforeUnmount(() => observer.disconnect())
  return { width, height }
}

/** Tells the map how much of it the panels cover: at the sides on a desk, at the bottom on a phone. */
export function useInsets(left: Ref<HTMLElement | null>, right: Ref<HTMLElement | null>, bottom: Ref<HTMLElement | null>) {
  const appearance = useAppearance()
  const mapView = useMapView()
  const leftSize = useSize(left)
  const rightSize = useSize(right)
  const bottomSize = useSize(bottom)

  watch(
    [leftSize.width, rightSize.width, leftSize.height, rightSize.height, bottomSize.height, () => appearance.isPhone],
    () => {
      mapView.insets = appearance.isPhone
        ? { top: 0, left: 0, right: 0, bottom: Math.max(leftSize.height.value, rightSize.height.value) }
        : {
            top: 0,
            left: leftSize.width.value,
            right: rightSize.width.value,
            bottom: bottomSize.height.value,
          }
    },
    { immediate: true },
  )
}
