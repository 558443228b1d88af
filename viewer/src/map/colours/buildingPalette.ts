import type { LayerDeclaration } from '../../generated/layers'
import type { BuildingColours, Colouring } from '../../model/buildingColours'
import type { Theme } from '../../stores/appearance'

/** Colours of the classes in their order, and of buildings in none. */
export interface ClassColours {
  readonly classes: readonly string[]
  readonly none: string
}

type Palette = Readonly<Record<Exclude<Colouring, 'usage'>, ClassColours>>

const LIGHT: Palette = {
  age: { classes: ['#8c510a', '#bf812d', '#dfc27d', '#c7e5df', '#5ab4ac', '#01665e'], none: '#dcd9d2' },
  rentals: { classes: ['#edf1f4', '#fde6b8', '#fbc26a', '#f0893c', '#c9501c'], none: '#dfdcd5' },
  incidents: { classes: ['#f7b3a1', '#ee7a63', '#d33f36', '#8f1422'], none: '#e3e1db' },
}

const DARK: Palette = {
  age: { classes: ['#a86a1c', '#c9913f', '#d8bf84', '#86b8b2', '#3f938c', '#0f7d74'], none: '#343a43' },
  rentals: { classes: ['#2f3a46', '#6b5632', '#94692c', '#c27a2c', '#e88f3f'], none: '#2c323b' },
  incidents: { classes: ['#7c4038', '#b0473b', '#df5b4d', '#ff8a7a'], none: '#2b323c' },
}

/** The colours of each colouring; those by use are declared with the layer. */
const PALETTES: Readonly<Record<Theme, Palette>> = { light: LIGHT, dark: DARK }

const NO_COLOUR = '#888888'

/** The colours by use: the layer declares them as a match of codes. */
function declaredColours(colours: BuildingColours, theme: Theme, buildings: LayerDeclaration): ClassColours {
  const declared = buildings.paint.find(({ type }) => type === 'fill')?.theme?.[theme]?.['fill-color']
  const parts: readonly unknown[] = Array.isArray(declared) ? declared : []
  const none = String(parts.at(-1) ?? NO_COLOUR)
  const colourOf = (code: string | null) => {
    const place = code === null ? -1 : parts.indexOf(code)
    return place < 0 ? none : String(parts[place + 1])
  }
  return { classes: colours.classes.map(({ code }) => colourOf(code)), none }
}

/** The colours of the classes by day or by night. */
export function classColours(colours: BuildingColours, theme: Theme, buildings: LayerDeclaration): ClassColours {
  return colours.by === 'usage' ? declaredColours(colours, theme, buildings) : PALETTES[theme][colours.by]
}
