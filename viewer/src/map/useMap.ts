import { computed, onBeforeUnmount, onMounted, shallowRef, watch } from 'vue'
import type { Ref } from 'vue'
import { useLocale } from '../locales'
import type { HighlightTarget } from '../model/mapPort'
import { PROPOSALS } from '../model/liveMessage'
import { MOVING_LAYER } from '../model/patrol/movers'
import { useAppearance } from '../stores/appearance'
import { useCaseList } from '../stores/caseList'
import { useBuildingColours } from '../stores/buildingColours'
import { useCatalogue } from '../stores/catalogue'
import { useDueList } from '../stores/dueList'
import { useLayers } from '../stores/layers'
import { useLive } from '../stores/live'
import { useMapView } from '../stores/mapView'
import { useOpenHouse } from '../stores/openHouse'
import { useSelection } from '../stores/selection'
import { useSession } from '../stores/session'
import { buildStyle } from './buildStyle'
import { MapController } from './mapController'
import type { MapEvents } from './mapController'
import { NO_SHAPES } from './shapes/shapeStyle'
import type { ShapeOverlays } from './shapes/shapeStyle'
import { useBundledWorker } from './worker'

const WALL_TEXT_SCALE = 1.2

/** The look of the map as the stores have it now. */
function useMapStyle(found: Ref<HighlightTarget | null>, shapes: Ref<ShapeOverlays>) {
  const appearance = useAppearance()
  const caseList = useCaseList()
  const catalogue = useCatalogue()
  const dueList = useDueList()
  const dress = useBuildingColours()
  const house = useOpenHouse()
  const layers = useLayers()
  const mapView = useMapView()
  const selection = useSelection()
  // Coloured by use, all alike, buildings look as their layer is declared.
  const isDressed = () => dress.colours?.by === dress.by && (dress.by !== 'usage' || dress.emphasis !== null)
  return computed(() =>
    buildStyle({
      layers: catalogue.readable,
      // Who moves is drawn from the live line.
      visible: new Set([...layers.visible].filter((name) => name !== MOVING_LAYER)),
      theme: appearance.theme,
      mode: mapView.mode,
      lights: {
        selected: selection.selected && {
          layer: selection.selected.layer,
          ids: [selection.selected.id],
        },
        found: found.value,
      },
      shapes: shapes.value,
      caseTiles: caseList.tiles,
      due: dueList.shown,
      dress: isDressed() && dress.colours ? { colours: dress.colours, emphasis: dress.emphasis } : null,
      opened: mapView.mode === '3d' && house.isOpen ? house.building : null,
      textScale: appearance.isWall ? WALL_TEXT_SCALE : 1,
      origin: location.origin,
    }),
  )
}

/** What the map tells the stores. */
function useMapEvents(
  found: Ref<HighlightTarget | null>,
  shapes: Ref<ShapeOverlays>,
  hasTileFailure: Ref<boolean>,
): MapEvents {
  const mapView = useMapView()
  const selection = useSelection()
  const session = useSession()
  return {
    onView(view) {
      mapView.view = view
      hasTileFailure.value = false
    },
    onPointer: (place) => (mapView.pointer = place),
    onClick: (place) => (mapView.clicked = place),
    onSelect: (reference) => (reference ? selection.select(reference) : selection.clear()),
    onHighlight: (target) => (found.value = target),
    onPicking: (isPicking) => (mapView.isPicking = isPicking),
    onDrawing: (hint) => (mapView.drawing = hint),
    onShapes: (overlays) => (shapes.value = overlays),
    onReady: () => (mapView.isReady = true),
    onTileError(status) {
      if (status === 401) session.expire()
      else hasTileFailure.value = true
    },
  }
}

/** Keeps a map in the element for as long as the component stands, and the stores and the map in step. */
export function useMap(container: Ref<HTMLElement | null>) {
  const catalogue = useCatalogue()
  const live = useLive()
  const mapView = useMapView()
  const { t } = useLocale()

  const controller = shallowRef<MapController | null>(null)
  const failure = shallowRef<unknown>(null)
  const hasTileFailure = shallowRef(false)
  const found = shallowRef<HighlightTarget | null>(null)
  const shapes = shallowRef<ShapeOverlays>(NO_SHAPES)
  const style = useMapStyle(found, shapes)
  const events = useMapEvents(found, shapes, hasTileFailure)
  const stops: (() => void)[] = []

  function create(element: HTMLElement) {
    return new MapController({
      container: element,
      label: t('map.label'),
      layers: catalogue.readable,
      style: style.value,
      view: mapView.view,
      extent: catalogue.summary?.extent ?? null,
      mode: mapView.mode,
      insets: mapView.insets,
      events,
    })
  }

  function keepInStep(map: MapController) {
    stops.push(
      watch(style, (next) => map.setStyle(next)),
      watch(() => mapView.mode, (mode) => map.setMode(mode)),
      watch(() => mapView.insets, (insets) => map.setInsets(insets)),
      live.onChange((message) => message.layer !== PROPOSALS && map.refreshLayer(message.layer)),
      live.onGap(() => map.refreshAll()),
    )
  }

  function giveUp(event: KeyboardEvent) {
    if (event.key === 'Escape') controller.value?.giveUp()
  }

  onMounted(() => {
    if (!container.value) return
    useBundledWorker()
    try {
      const map = create(container.value)
      controller.value = map
      keepInStep(map)
      mapView.attach(map)
      window.wanggeMap = map.map
      window.wanggePort = map
    } catch (error) {
      failure.value = error
    }
    window.addEventListener('keydown', giveUp)
  })

  onBeforeUnmount(() => {
    window.removeEventListener('keydown', giveUp)
    for (const stop of stops) stop()
    mapView.detach()
    mapView.isReady = false
    controller.value?.remove()
    delete window.wanggeMap
    delete window.wanggePort
  })

  return { controller, failure, hasTileFailure }
}
