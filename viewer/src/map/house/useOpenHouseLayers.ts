import type { PickingInfo } from '@deck.gl/core'
import { onBeforeUnmount, shallowRef, watch } from 'vue'
import type { Ref } from 'vue'
import { planOf, stackFloors } from '../../model/boxes'
import type { RoomBox } from '../../model/boxes'
import { chinaDay } from '../../model/chinaTime'
import { useAppearance } from '../../stores/appearance'
import { useLive } from '../../stores/live'
import { useMapView } from '../../stores/mapView'
import { useOpenHouse } from '../../stores/openHouse'
import { useSelection } from '../../stores/selection'
import { useWorkspace } from '../../stores/workspace'
import type { MapController } from '../mapController'
import { planLayers, standingLayers } from './houseLayers'
import type { Block } from './houseLayers'

/** Where the pointer is over which room, in pixels of the map. */
export interface PointedRoom {
  readonly box: RoomBox
  readonly x: number
  readonly y: number
}

const LOADED_LAYERS: readonly string[] = ['buildings', 'dwellings', 'residences']

/** The room under a picked thing; null for none. */
function roomOf(info: PickingInfo | null): RoomBox | null {
  return info?.object ? (info.object as Block<RoomBox>).of : null
}

/** Keeps the opened building on the map, in step with the selection; gives the room pointed at. */
export function useOpenHouseLayers(controller: Ref<MapController | null>) {
  const appearance = useAppearance()
  const house = useOpenHouse()
  const live = useLive()
  const mapView = useMapView()
  const selection = useSelection()
  const workspace = useWorkspace()
  const pointed = shallowRef<PointedRoom | null>(null)

  function open(info: PickingInfo) {
    const box = roomOf(info)
    if (!box) return
    selection.openDwelling(box.room.id)
    workspace.show('right', 'house')
  }

  function point(info: PickingInfo | null) {
    const box = roomOf(info)
    pointed.value = box && info ? { box, x: info.x, y: info.y } : null
  }

  let drawing = 0
  async function draw(map: MapController) {
    const mine = ++drawing
    const { boxes, house: found, isOpen } = house
    if (!isOpen || !boxes || !found) {
      pointed.value = null
      await map.setDeckLayers('house', [])
      return
    }
    const floor = house.floor ?? house.room?.floor ?? null
    if (mapView.mode === '2d' && floor === null) {
      await map.setDeckLayers('house', [])
      return
    }
    const { PolygonLayer, SolidPolygonLayer } = await import('@deck.gl/layers')
    if (mine !== drawing) return
    const look = { selected: selection.dwelling, theme: appearance.theme }
    const { colouredBy, pickedOut, cared, isSpread } = house
    const opening = { floor: house.floor, isSpread, colouredBy, pickedOut, cared, today: chinaDay(new Date()) }
    const layers =
      mapView.mode === '3d'
        ? standingLayers(SolidPolygonLayer, stackFloors(boxes, found.rooms, opening), look)
        : planLayers(PolygonLayer, floor === null ? [] : planOf(boxes, found.rooms, { ...opening, floor }), look)
    await map.setDeckLayers('house', layers, { onClick: open, onHover: point })
  }

  watch(() => house.building, house.load, { immediate: true })
  watch(
    () => house.room,
    (room) => {
      if (room) house.look(room.floor)
    },
  )
  watch(
    [
      controller,
      () => [house.isOpen, house.boxes, house.house, house.floor, house.isSpread, house.colouredBy, house.pickedOut, house.cared],
      () => [selection.dwelling, appearance.theme, mapView.mode],
    ],
    ([map]) => {
      if (map) void draw(map)
    },
    { immediate: true },
  )
  const stop = live.onChange(({ layer }) => {
    if (LOADED_LAYERS.includes(layer) && house.building !== null) void house.load()
  })
  onBeforeUnmount(stop)

  return { pointed }
}
