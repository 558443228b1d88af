import type { Bounds, LonLat } from '../model/geography'
import type { MapPort } from '../model/mapPort'
import type { Drawn } from '../model/shape'

/** A map that does nothing but remember what it was told, for tests of commands. */
export class RecordingMapPort implements MapPort {
  readonly orders: [name: keyof MapPort, argument: unknown][] = []
  /** What the next pickPoint gives. */
  picked: LonLat | null = null
  /** What is seen of it. */
  inSight: Bounds = [120, 30, 120.1, 30.1]
  /** What the next draw gives. */
  drawn: Drawn | null = null

  flyTo: MapPort['flyTo'] = (target) => void this.orders.push(['flyTo', target])
  fitBounds: MapPort['fitBounds'] = (bounds) => void this.orders.push(['fitBounds', bounds])
  highlight: MapPort['highlight'] = (target) => void this.orders.push(['highlight', target])
  marker: MapPort['marker'] = (place) => void this.orders.push(['marker', place])
  refreshLayer: MapPort['refreshLayer'] = (layer) => void this.orders.push(['refreshLayer', layer])
  cancelPick: MapPort['cancelPick'] = () => void this.orders.push(['cancelPick', null])
  cancelDraw: MapPort['cancelDraw'] = () => void this.orders.push(['cancelDraw', null])
  shapes: MapPort['shapes'] = (...given) => void this.orders.push(['shapes', given])
  draw: MapPort['draw'] = (...given) => {
    this.orders.push(['draw', given])
    return Promise.resolve(this.drawn)
  }
  seen: MapPort['seen'] = () => {
    this.orders.push(['seen', null])
    return Promise.resolve(this.inSight)
  }
  edit: MapPort['edit'] = (...given) => {
    this.orders.push(['edit', given])
    return Promise.resolve({
      replace: (shapes) => void this.orders.push(['edit', [shapes]]),
      stop: () => void this.orders.push(['edit', null]),
    })
  }
  handles: MapPort['handles'] = (...given) => {
    this.orders.push(['handles', given])
    return Promise.resolve({
      replace: (handles) => void this.orders.push(['handles', [handles]]),
      stop: () => void this.orders.push(['handles', null]),
    })
  }
  pickPoint: MapPort['pickPoint'] = () => {
    this.orders.push(['pickPoint', null])
    return Promise.resolve(this.picked)
  }
}
