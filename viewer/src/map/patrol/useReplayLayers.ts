import { onBeforeUnmount, watch } from 'vue'
import type { Ref } from 'vue'
import { trackColour } from '../../model/replay/colours'
import { countUpTo, placeAt } from '../../model/replay/track'
import type { Piece } from '../../model/replay/twkb'
import type { Bounds } from '../../model/geography'
import type { Replay } from '../../api/replay'
import { useAppearance } from '../../stores/appearance'
import { keyOf, movingOf, useReplay } from '../../stores/replay'
import { BELOW } from '../buildStyle'
import type { ScreenPoint } from '../deckOverlay'
import type { MapController } from '../mapController'
import { arrowLayers, REACH } from './arrows'
import type { Going } from './arrows'
import { nearestMark } from './nearestMark'

const OWNER = 'replay'
const TRAIL_SECONDS = 600
/** More names than that cover each other. */
const MOST_LABELS = 30
const LOST = 110
/** Pixels from the mark to the middle of its name. */
const LABEL_GAP = 10

type Rgba = [number, number, number, number]

interface Way {
  readonly path: Float64Array
  readonly colour: Rgba
}

interface Head {
  readonly key: string
  readonly label: string
  readonly position: [number, number]
  readonly colour: Rgba
  /** Degrees from north; null where it stands. */
  readonly heading: number | null
  readonly isLost: boolean
}

/** A property of the overlay that the layers' own types do not know. */
const placedBelow = (beforeId: string) => ({ beforeId })

function wayOf(piece: Piece, colour: Rgba, from = 0, until = piece.time.length): Way {
  const path = new Float64Array((until - from) * 2)
  for (let n = from; n < until; n += 1) {
    path[2 * (n - from)] = piece.longitude[n] ?? 0
    path[2 * (n - from) + 1] = piece.latitude[n] ?? 0
  }
  return { path, colour }
}

function waysOf(replay: Replay): Way[] {
  return replay.tracks.flatMap(({ pieces }, index) => pieces.map((piece) => wayOf(piece, [...trackColour(index), 255])))
}

/** The way of the last minutes up to where each is now; none of who is not heard of. */
function trailsOf(replay: Replay, heads: readonly Head[], second: number): Way[] {
  return replay.tracks.flatMap((track, index) => {
    const head = heads.find(({ key }) => key === keyOf(movingOf(track)))
    const piece = track.pieces.find(({ time }) => (time[0] ?? Infinity) <= second && second <= (time.at(-1) ?? -Infinity))
    if (!head || !piece) return []
    const colour: Rgba = [...trackColour(index), 255]
    const [from, until] = [countUpTo(piece.time, second - TRAIL_SECONDS), countUpTo(piece.time, second)]
    const path = new Float64Array((until - from + 1) * 2)
    path.set(wayOf(piece, colour, from, until).path)
    path.set(head.position, path.length - 2)
    return [{ path, colour }]
  })
}

function headsOf(replay: Replay, second: number): Head[] {
  return replay.tracks.flatMap((track, index) => {
    const place = placeAt(track.pieces, second)
    if (!place) return []
    const colour: Rgba = [...trackColour(index), place.isLost ? LOST : 255]
    const position: [number, number] = [place.longitude, place.latitude]
    return [{ key: keyOf(movingOf(track)), label: track.label, position, colour, heading: place.heading, isLost: place.isLost }]
  })
}

function boundsOf(ways: readonly Way[]): Bounds | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { path } of ways) {
    for (let n = 0; n < path.length; n += 2) {
      west = Math.min(west, path[n] ?? west)
      east = Math.max(east, path[n] ?? east)
      south = Math.min(south, path[n + 1] ?? south)
      north = Math.max(north, path[n + 1] ?? north)
    }
  }
  return west <= east ? [west, south, east, north] : null
}

/** What stands still while the clock goes: the ways of the day, stops and incidents. */
async function standing(replay: Replay, ways: readonly Way[]) {
  const { PathLayer, ScatterplotLayer } = await import('@deck.gl/layers')
  const stops = replay.tracks.flatMap(({ stops: all }, index) => all.map((stop) => ({ ...stop, index })))
  return [
    new PathLayer<Way>({
      id: `${OWNER}-ways`,
      ...placedBelow(BELOW.names),
      data: ways,
      positionFormat: 'XY',
      getPath: ({ path }) => path,
      getColor: ({ colour }) => [colour[0], colour[1], colour[2], 90],
      getWidth: 2,
      widthUnits: 'pixels',
      capRounded: true,
      jointRounded: true,
    }),
    new ScatterplotLayer<(typeof stops)[number]>({
      id: `${OWNER}-stops`,
      ...placedBelow(BELOW.names),
      data: stops,
      getPosition: ({ longitude, latitude }) => [longitude, latitude],
      getRadius: 4,
      radiusUnits: 'pixels',
      stroked: true,
      getFillColor: [255, 255, 255],
      getLineColor: ({ index }) => [...trackColour(index)],
      getLineWidth: 2,
      lineWidthUnits: 'pixels',
    }),
    new ScatterplotLayer<Replay['incidents'][number]>({
      id: `${OWNER}-incidents`,
      ...placedBelow(BELOW.names),
      data: replay.incidents,
      getPosition: ({ longitude, latitude }) => [longitude, latitude],
      getRadius: 5,
      radiusUnits: 'pixels',
      stroked: true,
      getFillColor: [217, 45, 32],
      getLineColor: [255, 255, 255],
      getLineWidth: 1.5,
      lineWidthUnits: 'pixels',
    }),
  ]
}

const radiusOf = ({ key }: Head, followed: string | null) => (key === followed ? 10 : 7)

function goingOf(heads: readonly Head[], followed: string | null): Going[] {
  return heads.flatMap((head) => {
    const { position, heading, colour } = head
    return heading === null ? [] : [{ position, heading, colour, radius: radiusOf(head, followed) }]
  })
}

/** Where everybody is now, with the way of the last ten minutes. */
async function moving(trails: readonly Way[], heads: readonly Head[], followed: string | null, isDark: boolean) {
  const { PathLayer, ScatterplotLayer, TextLayer } = await import('@deck.gl/layers')
  const text: Rgba = isDark ? [240, 244, 250, 255] : [20, 30, 45, 255]
  const halo: Rgba = isDark ? [16, 22, 34, 230] : [255, 255, 255, 230]
  return [
    new PathLayer<Way>({
      id: `${OWNER}-trails`,
      ...placedBelow(BELOW.names),
      data: trails,
      positionFormat: 'XY',
      getPath: ({ path }) => path,
      getColor: ({ colour }) => colour,
      getWidth: 4,
      widthUnits: 'pixels',
      capRounded: true,
      jointRounded: true,
    }),
    ...(await arrowLayers(OWNER, goingOf(heads, followed), placedBelow(BELOW.names))),
    new ScatterplotLayer<Head>({
      id: `${OWNER}-heads`,
      data: heads,
      getPosition: ({ position }) => position,
      getRadius: (head) => radiusOf(head, followed),
      radiusUnits: 'pixels',
      stroked: true,
      getFillColor: ({ colour }) => colour,
      getLineColor: ({ isLost }) => (isLost ? [255, 255, 255, LOST] : [255, 255, 255, 255]),
      getLineWidth: 2.5,
      lineWidthUnits: 'pixels',
      updateTriggers: { getRadius: followed },
    }),
    new TextLayer<Head>({
      id: `${OWNER}-labels`,
      data: heads.length > MOST_LABELS ? heads.filter(({ key }) => key === followed) : heads,
      getPosition: ({ position }) => position,
      getText: ({ label }) => label,
      characterSet: 'auto',
      fontFamily: 'system-ui, sans-serif',
      background: true,
      backgroundPadding: [5, 2],
      getBackgroundColor: halo,
      getColor: text,
      getSize: 13,
      // Names stay where they are when somebody stops: the clock may go fast.
      getPixelOffset: (head) => [0, -LABEL_GAP - radiusOf(head, followed) * REACH],
      updateTriggers: { getPixelOffset: followed },
    }),
  ]
}

/** Draws the replay: what stands still once, what moves with every frame while the clock goes. */
export function useReplayLayers(controller: Ref<MapController | null>) {
  const appearance = useAppearance()
  const replay = useReplay()
  let ways: Way[] = []
  let base: Awaited<ReturnType<typeof standing>> = []
  let frame = 0
  /** Pictures are made in order; one that comes late, after another was asked for, is not shown. */
  let latest = 0

  async function draw(map: MapController) {
    latest += 1
    const turn = latest
    const found = replay.found
    const second = replay.look()
    const heads = found ? headsOf(found, second) : []
    const layers = found ? [...base, ...(await moving(trailsOf(found, heads, second), heads, replay.followed, appearance.theme === 'dark'))] : []
    if (turn !== latest) return
    const marks = heads.map((head) => ({ ...head, radius: radiusOf(head, replay.followed) }))
    const find = (point: ScreenPoint) => {
      const head = nearestMark(map.map, marks, point)
      return head && (() => (replay.followed = replay.followed === head.key ? null : head.key))
    }
    await map.setDeckLayers(OWNER, layers, { find })
    const followed = heads.find(({ key }) => key === replay.followed)
    if (followed) map.follow({ lon: followed.position[0], lat: followed.position[1] })
    const told = heads.slice(0, 5).map(({ key, position, isLost }) => `${key} ${position.map((each) => each.toFixed(6)).join(' ')}${isLost ? ' lost' : ''}`)
    map.map.getContainer().dataset.replay = found ? [Math.round(second), ...told].join('|') : ''
  }

  function go() {
    const map = controller.value
    if (!map || !replay.isPlaying) return
    void draw(map).then(() => {
      frame = requestAnimationFrame(go)
    })
  }

  const stops = [
    watch([controller, () => replay.found], async ([map, found]) => {
      ways = found ? waysOf(found) : []
      base = found ? await standing(found, ways) : []
      if (!map) return
      await draw(map)
      const bounds = boundsOf(ways)
      if (bounds && !replay.followed) map.fitBounds(bounds)
    }),
    watch(
      () => replay.isPlaying,
      (isPlaying) => {
        cancelAnimationFrame(frame)
        if (isPlaying) go()
      },
    ),
    watch([() => replay.second, () => replay.followed, () => appearance.theme], () => {
      if (controller.value && !replay.isPlaying) void draw(controller.value)
    }),
  ]
  onBeforeUnmount(() => {
    cancelAnimationFrame(frame)
    for (const stop of stops) stop()
  })
}
