import { Map as MapLibreMap, Marker } from 'maplibre-gl'
import type { MapMouseEvent, RequestParameters, StyleSpecification } from 'maplibre-gl'
import type { LayerDeclaration, LayerName } from '../generated/layers'
import { calm } from '../model/calm'
import type { Calm } from '../model/calm'
import type { Bounds, CameraView, FeatureReference, LonLat, MapMode } from '../model/geography'
import type { CameraTarget, DrawHint, HighlightTarget, MapPort, ShapeClick } from '../model/mapPort'
import type { ShapeCollection, ShapeLook } from '../model/shape'
import type { Insets } from '../stores/mapView'
import { layerOfStyleLayer } from './buildStyle'
import { CASE_LIST } from './caseListLayers'
import { DUE_LIST } from './dueListLayers'
import { DeckOverlay } from './deckOverlay'
import { Drawing } from './draw/drawing'
import { keepDrawing } from './draw/keepDrawing'
import { pick, pickRank } from './pick'
import type { Candidate } from './pick'
import { ShapeBoard } from './shapes/shapeBoard'
import type { ShapeOverlays } from './shapes/shapeStyle'
import { sourceOf, tileSources } from './tileSources'

/** What the map tells the rest of the viewer. */
export interface MapEvents {
  readonly onView: (view: CameraView) => void
  readonly onPointer: (place: LonLat | null) => void
  readonly onClick: (place: LonLat) => void
  readonly onSelect: (reference: FeatureReference | null) => void
  readonly onHighlight: (target: HighlightTarget | null) => void
  readonly onPicking: (isPicking: boolean) => void
  readonly onDrawing: (hint: DrawHint | null) => void
  readonly onShapes: (overlays: ShapeOverlays) => void
  readonly onReady: () => void
  readonly onTileError: (status: number) => void
}

export interface MapOptions {
  readonly container: HTMLElement
  /** What a screen reader calls the map. */
  readonly label: string
  readonly layers: readonly LayerDeclaration[]
  readonly style: StyleSpecification
  readonly view: CameraView | null
  readonly extent: Bounds | null
  readonly mode: MapMode
  readonly insets: Insets
  readonly events: MapEvents
}

const CHINA: CameraView = { lon: 104.5, lat: 35.5, zoom: 3.6, bearing: 0, pitch: 0 }
const PITCH_3D = 55
const MAX_PITCH_3D = 70
const CLICK_TOLERANCE_PX = 5
const CLICKABLE_RANK = 20
const REFRESH_INTERVAL_MS = 1_500
const FIT_PADDING_PX = 48
const CLOSEST_FIT_ZOOM = 18

function alwaysRevalidated(url: string): RequestParameters {
  return { url, cache: 'no-cache', credentials: 'same-origin' }
}

/** What a box must keep free of on each side, panels included. */
function paddingOf({ top, right, bottom, left }: Insets): Insets {
  const pad = (inset: number) => inset + FIT_PADDING_PX
  return { top: pad(top), right: pad(right), bottom: pad(bottom), left: pad(left) }
}

/** The one object that changes the MapLibre map. */
export class MapController implements MapPort {
  readonly map: MapLibreMap
  private readonly drawing: Drawing
  private readonly deck: DeckOverlay
  private readonly board: ShapeBoard
  private readonly layers: ReadonlyMap<string, LayerDeclaration>
  private readonly events: MapEvents
  private readonly refreshers = new Map<string, Calm>()
  private insets: Insets
  private pin: Marker | null = null
  private pendingStyle: StyleSpecification | null = null
  private finishPick: ((place: LonLat | null) => void) | null = null
  private frame = 0
  /** Whether the style can be changed; isStyleLoaded() is also false while tiles are on their way. */
  private isStyleReady = false

  constructor(options: MapOptions) {
    this.layers = new Map(options.layers.map((layer) => [layer.name, layer]))
    this.events = options.events
    this.insets = options.insets
    const view = options.view ?? CHINA
    this.map = new MapLibreMap({
      container: options.container,
      locale: { 'Map.Title': options.label },
      style: options.style,
      center: [view.lon, view.lat],
      zoom: view.zoom,
      bearing: view.bearing,
      pitch: options.mode === '3d' ? view.pitch : 0,
      maxPitch: options.mode === '3d' ? MAX_PITCH_3D : 0,
      maxZoom: 21,
      attributionControl: false,
      canvasContextAttributes: { antialias: true, preserveDrawingBuffer: true },
      transformRequest: alwaysRevalidated,
      ...(options.view === null && options.extent !== null
        ? {
            bounds: [...options.extent],
            fitBoundsOptions: { padding: paddingOf(options.insets), maxZoom: CLOSEST_FIT_ZOOM },
          }
        : {}),
    })
    const isReady = new Promise<void>((resolve) => this.map.once('style.load', () => resolve()))
    this.drawing = new Drawing(this.map, isReady, this.events.onDrawing)
    this.deck = new DeckOverlay(this.map, isReady)
    this.board = new ShapeBoard(this.map, this.events.onShapes)
    this.listen()
  }

  private listen(): void {
    this.map.on('load', () => {
      this.events.onReady()
      this.tellView()
    })
    this.map.on('style.load', () => {
      this.isStyleReady = true
      this.applyPendingStyle()
    })
    this.map.on('moveend', () => this.tellView())
    this.map.on('click', (event) => this.clicked(event))
    this.map.on('mousemove', (event) => this.moved(event))
    this.map.on('mouseout', () => this.events.onPointer(null))
    this.map.on('error', (event) => {
      const { error } = event
      this.events.onTileError('status' in error && typeof error.status === 'number' ? error.status : 0)
    })
  }

  private tellView(): void {
    const { lng, lat } = this.map.getCenter()
    this.events.onView({
      lon: lng,
      lat,
      zoom: this.map.getZoom(),
      bearing: this.map.getBearing(),
      pitch: this.map.getPitch(),
    })
  }

  private moved(event: MapMouseEvent): void {
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame(() => {
      this.events.onPointer({ lon: event.lngLat.lng, lat: event.lngLat.lat })
      if (!this.map.isMoving()) this.showCursor(event)
    })
  }

  private showCursor(event: MapMouseEvent): void {
    if (this.finishPick || this.drawing.isActive) return
    const isClickable =
      this.deck.isHovered(event.point) ||
      this.board.isHit(event.point) ||
      this.candidatesAt(event).some(({ layer }) => pickRank(layer) <= CLICKABLE_RANK)
    this.map.getCanvas().style.cursor = isClickable ? 'pointer' : ''
  }

  private clicked(event: MapMouseEvent): void {
    if (this.drawing.isActive) return
    const place = { lon: event.lngLat.lng, lat: event.lngLat.lat }
    this.events.onClick(place)
    if (this.finishPick) {
      this.endPick(place)
      return
    }
    if (this.deck.click(event.point) || this.board.click(event.point)) return
    const chosen = pick(this.candidatesAt(event))
    this.events.onSelect(chosen)
    if (chosen) this.bringIntoView(place)
  }

  /** Points and lines are found a few pixels off, areas only where the click lies inside. */
  private candidatesAt({ point: { x, y } }: MapMouseEvent): Candidate[] {
    const reach = CLICK_TOLERANCE_PX
    const near = this.queryAt([
      [x - reach, y - reach],
      [x + reach, y + reach],
    ])
    const isArea = ({ layer }: Candidate) => layer.geometry?.endsWith('Polygon') ?? false
    return [
      ...near.filter((candidate) => !isArea(candidate)),
      ...this.queryAt([x, y]).filter(isArea),
    ]
  }

  private queryAt(place: [number, number] | [[number, number], [number, number]]): Candidate[] {
    if (!this.isStyleReady) return []
    return this.map.queryRenderedFeatures(place).flatMap((feature) => {
      const name = layerOfStyleLayer(feature.layer.id)
      const layer = name === null ? undefined : this.layers.get(name)
      return layer && typeof feature.id === 'number' ? [{ layer, id: feature.id }] : []
    })
  }

  /** Moves a place out from under the panels once they have opened, as little as needed. */
  private bringIntoView(place: LonLat): void {
    setTimeout(() => {
      const { x, y } = this.map.project([place.lon, place.lat])
      const { clientWidth, clientHeight } = this.map.getContainer()
      const margin = FIT_PADDING_PX
      const over = {
        right: x - (clientWidth - this.insets.right - margin),
        left: this.insets.left + margin - x,
        bottom: y - (clientHeight - this.insets.bottom - margin),
      }
      const dx = over.right > 0 ? over.right : over.left > 0 ? -over.left : 0
      const dy = over.bottom > 0 ? over.bottom : 0
      if (dx !== 0 || dy !== 0) this.map.panBy([dx, dy])
    }, 260)
  }

  private centreOffset(): [number, number] {
    const { left, right, top, bottom } = this.insets
    return [(left - right) / 2, (top - bottom) / 2]
  }

  setInsets(insets: Insets): void {
    this.insets = insets
  }

  /** Makes the map look as the style says, changing only what differs. */
  setStyle(style: StyleSpecification): void {
    this.pendingStyle = style
    if (this.isStyleReady) this.applyPendingStyle()
  }

  private applyPendingStyle(): void {
    const style = this.pendingStyle
    if (!style) return
    this.pendingStyle = null
    this.map.setStyle(style, { diff: true, transformStyle: keepDrawing })
  }

  setMode(mode: MapMode): void {
    if (mode === '3d') {
      this.map.setMaxPitch(MAX_PITCH_3D)
      if (this.map.getPitch() < 1) this.map.easeTo({ pitch: PITCH_3D, duration: 600 })
      return
    }
    this.map.once('moveend', () => this.map.setMaxPitch(0))
    this.map.easeTo({ pitch: 0, duration: 400 })
  }

  zoomBy(levels: number): void {
    this.map.easeTo({ zoom: this.map.getZoom() + levels, duration: 250 })
  }

  northUp(): void {
    this.map.easeTo({ bearing: 0, duration: 300 })
  }

  jumpTo(view: CameraView): void {
    this.map.jumpTo({
      center: [view.lon, view.lat],
      zoom: view.zoom,
      bearing: view.bearing,
      pitch: view.pitch,
    })
  }

  flyTo({ lon, lat, zoom, pitch, bearing }: CameraTarget): void {
    this.map.flyTo({
      center: [lon, lat],
      offset: this.centreOffset(),
      maxDuration: 2_000,
      ...(zoom === undefined ? {} : { zoom }),
      ...(pitch === undefined ? {} : { pitch }),
      ...(bearing === undefined ? {} : { bearing }),
    })
  }

  /** Keeps something that moves in the middle of what the panels leave free. */
  follow({ lon, lat }: LonLat): void {
    this.map.easeTo({ center: [lon, lat], offset: this.centreOffset(), duration: 0 })
  }

  fitBounds(bounds: Bounds): void {
    this.map.fitBounds([...bounds], {
      padding: paddingOf(this.insets),
      maxZoom: CLOSEST_FIT_ZOOM,
      maxDuration: 2_000,
    })
  }

  highlight(target: HighlightTarget | null): void {
    this.events.onHighlight(target)
  }

  marker(place: LonLat | null): void {
    this.pin?.remove()
    this.pin = place && new Marker({ color: '#d92d20' }).setLngLat([place.lon, place.lat]).addTo(this.map)
  }

  shapes(owner: string, shapes: ShapeCollection | null, look: ShapeLook = 'result', onClick?: ShapeClick): void {
    this.board.put(owner, shapes && { shapes, look, onClick })
  }

  /** Shows the deck.gl layers of an owner; for the composables under src/map only. */
  readonly setDeckLayers: DeckOverlay['setLayers'] = (...given) => this.deck.setLayers(...given)

  readonly draw: MapPort['draw'] = (...given) => {
    this.endPick(null)
    return this.drawing.draw(...given)
  }

  readonly edit: MapPort['edit'] = (...given) => {
    this.endPick(null)
    return this.drawing.edit(...given)
  }

  readonly handles: MapPort['handles'] = (...given) => {
    this.endPick(null)
    return this.drawing.handles(...given)
  }

  cancelDraw(): void {
    this.drawing.cancel()
  }

  /** What Escape means to the map. */
  giveUp(): void {
    this.endPick(null)
    this.drawing.escape()
  }

  pickPoint(): Promise<LonLat | null> {
    this.endPick(null)
    this.drawing.cancel()
    this.map.getCanvas().style.cursor = 'crosshair'
    this.events.onPicking(true)
    return new Promise((resolve) => {
      this.finishPick = resolve
    })
  }

  cancelPick(): void {
    this.endPick(null)
  }

  /** Ends the wait for a click; null gives up. */
  endPick(place: LonLat | null): void {
    const finish = this.finishPick
    if (!finish) return
    this.finishPick = null
    this.map.getCanvas().style.cursor = ''
    this.events.onPicking(false)
    finish(place)
  }

  /** The box round what is seen, in degrees. */
  bounds(): Bounds {
    const seen = this.map.getBounds()
    return [seen.getWest(), seen.getSouth(), seen.getEast(), seen.getNorth()]
  }

  /** The same without what lies under the panels; seen from the side, with it. */
  seen(): Promise<Bounds> {
    if (this.map.getPitch() > 0) return Promise.resolve(this.bounds())
    const { clientWidth, clientHeight } = this.map.getContainer()
    const { left, right, top, bottom } = this.insets
    const corners = [left, clientWidth - right].flatMap((x) => [top, clientHeight - bottom].map((y) => this.map.unproject([x, y])))
    const [lons, lats] = [corners.map(({ lng }) => lng), corners.map(({ lat }) => lat)]
    return Promise.resolve([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)])
  }

  private buildingSource(): { readonly source: string; readonly sourceLayer: string } | null {
    const source = sourceOf(tileSources([...this.layers.values()]), 'buildings')
    return source && this.map.getSource(source.id) ? { source: source.id, sourceLayer: 'buildings' } : null
  }

  /** Gives buildings a value that the style may read as a feature's state of that name. */
  setBuildingValues(state: string, values: readonly (readonly [id: number, value: number | null])[]): void {
    const target = this.buildingSource()
    if (!target) return
    for (const [id, value] of values) this.map.setFeatureState({ ...target, id }, { [state]: value })
  }

  /** Takes the values from all buildings. */
  clearBuildingValues(): void {
    const target = this.buildingSource()
    if (target) this.map.removeFeatureState(target)
  }

  refreshLayer(layer: LayerName): void {
    if (layer === 'incidents') this.refreshSource(CASE_LIST)
    if (layer === 'rentals' || layer === 'care_records' || layer === 'elderly_services') this.refreshSource(DUE_LIST)
    const source = sourceOf(tileSources([...this.layers.values()]), layer)
    if (!source) return
    const refresh =
      this.refreshers.get(source.id) ??
      calm(() => this.refreshSource(source.id), 0, REFRESH_INTERVAL_MS)
    this.refreshers.set(source.id, refresh)
    refresh.soon()
  }

  refreshAll(): void {
    for (const source of tileSources([...this.layers.values()])) this.refreshSource(source.id)
  }

  private refreshSource(id: string): void {
    if (this.map.getSource(id)) this.map.refreshTiles(id)
  }

  remove(): void {
    cancelAnimationFrame(this.frame)
    for (const refresh of this.refreshers.values()) refresh.stop()
    this.endPick(null)
    this.drawing.cancel()
    this.deck.remove()
    this.map.remove()
  }
}
