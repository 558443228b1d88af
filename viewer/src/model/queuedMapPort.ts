import type { MapPort } from './mapPort'

/** A port that keeps what is asked of it until a real one is attached, then passes everything on. */
export class QueuedMapPort implements MapPort {
  private target: MapPort | null = null
  private waiting: ((port: MapPort) => void)[] = []

  attach(target: MapPort): void {
    this.target = target
    const waiting = this.waiting
    this.waiting = []
    for (const order of waiting) order(target)
  }

  detach(): void {
    this.target = null
  }

  private order(order: (port: MapPort) => void): void {
    if (this.target) order(this.target)
    else this.waiting.push(order)
  }

  private answered<Answer>(ask: (port: MapPort) => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.order((port) => ask(port).then(resolve, reject))
    })
  }

  flyTo: MapPort['flyTo'] = (target) => this.order((port) => port.flyTo(target))
  fitBounds: MapPort['fitBounds'] = (bounds) => this.order((port) => port.fitBounds(bounds))
  highlight: MapPort['highlight'] = (target) => this.order((port) => port.highlight(target))
  marker: MapPort['marker'] = (place) => this.order((port) => port.marker(place))
  refreshLayer: MapPort['refreshLayer'] = (layer) => this.order((port) => port.refreshLayer(layer))
  shapes: MapPort['shapes'] = (...given) => this.order((port) => port.shapes(...given))
  cancelPick: MapPort['cancelPick'] = () => this.order((port) => port.cancelPick())
  cancelDraw: MapPort['cancelDraw'] = () => this.order((port) => port.cancelDraw())
  seen: MapPort['seen'] = () => this.answered((port) => port.seen())
  pickPoint: MapPort['pickPoint'] = () => this.answered((port) => port.pickPoint())
  draw: MapPort['draw'] = (shape, options) => this.answered((port) => port.draw(shape, options))
  edit: MapPort['edit'] = (shapes, options) => this.answered((port) => port.edit(shapes, options))
  handles: MapPort['handles'] = (...given) => this.answered((port) => port.handles(...given))
}
