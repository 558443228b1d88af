import type { Theme } from '../stores/appearance'

/** Colours of the map that belong to no layer. */
export interface MapPalette {
  readonly ground: string
  readonly selected: string
  readonly found: string
  readonly casing: string
  readonly sky: string
  readonly horizon: string
}

export const PALETTES: Readonly<Record<Theme, MapPalette>> = {
  light: {
    ground: '#f3f2ee',
    selected: '#0b62e6',
    found: '#00907d',
    casing: '#ffffff',
    sky: '#bcd8f0',
    horizon: '#eef3f6',
  },
  dark: {
    ground: '#131a24',
    selected: '#4da3ff',
    found: '#2fd8bd',
    casing: '#0b1018',
    sky: '#0b1422',
    horizon: '#1a2637',
  },
}

/** What is being drawn looks the same by day and by night: it must stand out from everything. */
export const DRAWING = { colour: '#e8590c', casing: '#ffffff' } as const
