import { onBeforeUnmount, watch } from 'vue'
import type { Ref } from 'vue'
import { isMoving, isStale, MOVING_LAYER, moverKey } from '../../model/patrol/movers'
import type { Mover } from '../../model/patrol/movers'
import { useAppearance } from '../../stores/appearance'
import type { Theme } from '../../stores/appearance'
import { useLayers } from '../../stores/layers'
import { useMovers } from '../../stores/movers'
import { useSession } from '../../stores/session'
import type { ScreenPoint } from '../deckOverlay'
import type { MapController } from '../mapController'
import { arrowLayers, REACH } from './arrows'
import type { Going } from './arrows'
import { nearestMark } from './nearestMark'
import type { Mark } from './nearestMark'

const OWNER = 'movers'
/** From here on names have room. */
const LABEL_ZOOM = 15
const MOST_LABELS = 150
/** Pixels from the mark to the middle of its name. */
const LABEL_GAP = 10
/** Places grow old without anything being told. */
const AGEING_MS = 30_000

type Rgba = [number, number, number, number]

const COLOURS: Readonly<Record<Theme, Readonly<Record<Mover['kind'], readonly [number, number, number]>>>> = {
  light: { staff: [10, 157, 88], vehicle: [29, 98, 200] },
  dark: { staff: [61, 220, 151], vehicle: [110, 162, 238] },
}
const STALE_ALPHA = 100

interface Shown {
  readonly movers: readonly Mover[]
  readonly chosen: string | null
  readonly theme: Theme
  readonly now: number
  readonly labelled: readonly Mover[]
}

function colourOf(mover: Mover, { theme, now }: Shown): Rgba {
  return [...COLOURS[theme][mover.kind], isStale(mover, now) ? STALE_ALPHA : 255]
}

const radiusOf = (mover: Mover, chosen: string | null) => (moverKey(mover) === chosen ? 10 : mover.kind === 'vehicle' ? 7 : 6)

function goingOf(shown: Shown): Going[] {
  return shown.movers.flatMap((mover) => {
    const { longitude, latitude, heading } = mover
    if (heading === null || !isMoving(mover, shown.now)) return []
    return [{ position: [longitude, latitude], heading, radius: radiusOf(mover, shown.chosen), colour: colourOf(mover, shown) }]
  })
}

function marksOf({ movers, chosen }: Shown): (Mark & { readonly mover: Mover })[] {
  return movers.map((mover) => ({ mover, position: [mover.longitude, mover.latitude], radius: radiusOf(mover, chosen) }))
}

async function layersOf(shown: Shown) {
  const { ScatterplotLayer, TextLayer } = await import('@deck.gl/layers')
  const { theme, chosen } = shown
  const text: Rgba = theme === 'dark' ? [240, 244, 250, 255] : [20, 30, 45, 255]
  const halo: Rgba = theme === 'dark' ? [16, 22, 34, 230] : [255, 255, 255, 230]
  return [
    ...(await arrowLayers(OWNER, goingOf(shown))),
    new ScatterplotLayer<Mover>({
      id: `${OWNER}-places`,
      data: shown.movers,
      getPosition: ({ longitude, latitude }) => [longitude, latitude],
      getRadius: (mover) => radiusOf(mover, chosen),
      radiusUnits: 'pixels',
      getFillColor: (mover) => colourOf(mover, shown),
      stroked: true,
      getLineColor: [255, 255, 255, 255],
      getLineWidth: (mover) => (moverKey(mover) === chosen ? 3 : 1.5),
      lineWidthUnits: 'pixels',
      updateTriggers: { getRadius: chosen, getLineWidth: chosen, getFillColor: [theme, shown.now] },
    }),
    new TextLayer<Mover>({
      id: `${OWNER}-names`,
      data: shown.labelled,
      getPosition: ({ longitude, latitude }) => [longitude, latitude],
      getText: ({ label }) => label,
      characterSet: 'auto',
      fontFamily: 'system-ui, sans-serif',
      getSize: 12,
      getColor: text,
      background: true,
      backgroundPadding: [4, 1],
      getBackgroundColor: halo,
      getPixelOffset: (mover) => [0, -LABEL_GAP - radiusOf(mover, chosen) * (isMoving(mover, shown.now) ? REACH : 1)],
      updateTriggers: { getPixelOffset: [chosen, shown.now] },
    }),
  ]
}

/** Those whose names are shown: from close up those in view, else the chosen one. */
function labelledOf(map: MapController, all: readonly Mover[], chosen: string | null): Mover[] {
  if (map.map.getZoom() < LABEL_ZOOM) return all.filter((mover) => moverKey(mover) === chosen)
  const bounds = map.map.getBounds()
  return all.filter(({ longitude, latitude }) => bounds.contains([longitude, latitude])).slice(0, MOST_LABELS)
}

/** Draws who is on duty and where, once a second as the server tells it, as long as their layer is on. */
export function useMoverLayers(controller: Ref<MapController | null>) {
  const appearance = useAppearance()
  const layers = useLayers()
  const movers = useMovers()
  const session = useSession()
  const isOn = () => layers.isVisible(MOVING_LAYER) && session.has('patrol:read')
  /** Pictures are made in order; one that comes late, after another was asked for, is not shown. */
  let latest = 0

  async function draw(map: MapController) {
    latest += 1
    const turn = latest
    const all = isOn() ? [...movers.movers.values()] : []
    const now = Math.round(Date.now() / 1000)
    const labelled = labelledOf(map, all, movers.chosenKey)
    const shown = { movers: all, chosen: movers.chosenKey, theme: appearance.theme, now, labelled }
    const deck = all.length > 0 ? await layersOf(shown) : []
    if (turn !== latest) return
    const marks = marksOf(shown)
    const find = (point: ScreenPoint) => {
      const mark = nearestMark(map.map, marks, point)
      return mark && (() => movers.choose(moverKey(mark.mover)))
    }
    await map.setDeckLayers(OWNER, deck, { find })
    map.map.getContainer().dataset.movers = String(all.length)
  }

  function redraw() {
    if (controller.value) void draw(controller.value)
  }

  function follow() {
    const { chosen } = movers
    if (chosen && movers.isFollowed) controller.value?.follow({ lon: chosen.longitude, lat: chosen.latitude })
  }

  const ageing = setInterval(redraw, AGEING_MS)
  const stops = [
    watch(isOn, (isShown) => (isShown ? movers.watchAll() : movers.forgetAll()), { immediate: true }),
    watch([() => movers.movers, () => movers.chosenKey, () => appearance.theme], redraw),
    watch([() => movers.chosen, () => movers.isFollowed], follow),
    watch(
      controller,
      (map) => {
        map?.map.on('moveend', redraw)
        redraw()
      },
      { immediate: true },
    ),
  ]
  onBeforeUnmount(() => {
    clearInterval(ageing)
    controller.value?.map.off('moveend', redraw)
    for (const stop of stops) stop()
    movers.forgetAll()
  })
}
