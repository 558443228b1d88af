import type { RoomBox } from '../../model/boxes'
import type { RoomTone } from '../../model/houseLook'
import type { Theme } from '../../stores/appearance'

/** Red, green, blue and opacity, 0 to 255. */
export type Colour = [number, number, number, number]

interface HousePalette {
  readonly tones: Readonly<Record<RoomTone, Colour>>
  readonly selected: Colour
  readonly slab: Colour
  readonly edge: Colour
  readonly wall: Colour
  /** What the floors below the one looked at fade to. */
  readonly ground: Colour
}

const PALETTES: Readonly<Record<Theme, HousePalette>> = {
  light: {
    tones: {
      self: [121, 178, 137, 255],
      rented: [240, 172, 72, 255],
      vacant: [196, 204, 215, 255],
      other: [139, 161, 226, 255],
      none: [229, 232, 237, 255],
      alert: [222, 96, 84, 255],
    },
    selected: [11, 98, 230, 255],
    slab: [250, 248, 243, 255],
    edge: [88, 84, 74, 150],
    wall: [255, 255, 255, 255],
    ground: [226, 224, 218, 255],
  },
  dark: {
    tones: {
      self: [66, 134, 92, 255],
      rented: [196, 128, 38, 255],
      vacant: [74, 86, 104, 255],
      other: [84, 106, 184, 255],
      none: [50, 59, 74, 255],
      alert: [190, 70, 62, 255],
    },
    selected: [77, 163, 255, 255],
    slab: [32, 41, 54, 255],
    edge: [8, 12, 18, 190],
    wall: [14, 19, 28, 255],
    ground: [28, 36, 48, 255],
  },
}

const FADE = 0.72

export function housePalette(theme: Theme): HousePalette {
  return PALETTES[theme]
}

function mixed(from: Colour, to: Colour, share: number): Colour {
  const part = (index: 0 | 1 | 2) => Math.round(from[index] + (to[index] - from[index]) * share)
  return [part(0), part(1), part(2), from[3]]
}

/** The colour of a room: that of its class, paler where it steps back, another when it is selected. */
export function roomColour({ room, look: { tone }, isBack }: RoomBox, selected: number | null, theme: Theme): Colour {
  const palette = PALETTES[theme]
  if (room.id === selected) return palette.selected
  return isBack ? mixed(palette.tones[tone], palette.ground, FADE) : palette.tones[tone]
}
