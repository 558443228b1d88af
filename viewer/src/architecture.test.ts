import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname)

/** Which folders a folder may import from; types alone may be taken from anywhere below. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  generated: [],
  ui: [],
  model: ['generated'],
  api: ['model', 'generated'],
  locales: ['api', 'model', 'generated'],
  stores: ['api', 'locales', 'model', 'generated'],
  commands: ['stores', 'api', 'locales', 'model', 'generated'],
  map: ['stores', 'locales', 'model', 'ui', 'generated'],
  worker: [],
  panels: ['commands', 'stores', 'api', 'locales', 'model', 'ui', 'generated'],
}

const MAP_PACKAGES = ['maplibre-gl', '@deck.gl', 'terra-draw', 'terra-draw-maplibre-gl-adapter']

const IMPORT = /(?:^|\n)\s*import\s+(type\s)?[^'"]*?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g

interface Import {
  readonly file: string
  readonly folder: string
  readonly target: string
  readonly isType: boolean
}

const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.(ts|vue)$/.test(name) && !/\.(test|d)\.ts$/.test(name),
)

const imports: Import[] = sources.flatMap((file) =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(IMPORT)].map((match) => ({
    file,
    folder: file.split('/')[0] ?? '',
    target: match[2] ?? match[3] ?? '',
    isType: match[1] !== undefined,
  })),
)

function folderOf({ file, target }: Import): string {
  return relative(ROOT, resolve(ROOT, dirname(file), target)).split('/')[0] ?? ''
}

describe('imports', () => {
  it.each(Object.entries(ALLOWED))('of %s point one way', (folder, allowed) => {
    const wrong = imports
      .filter((found) => found.folder === folder && !found.isType && found.target.startsWith('.'))
      .filter((found) => folderOf(found) !== folder && !allowed.includes(folderOf(found)))
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([])
  })

  it('of MapLibre, deck.gl and Terra Draw are in map/ only', () => {
    const wrong = imports.filter(
      ({ folder, target }) =>
        MAP_PACKAGES.some((name) => target === name || target.startsWith(`${name}/`)) &&
        folder !== 'map',
    )
    expect(wrong.map(({ file }) => file)).toEqual([])
  })

  it('of Vue are not in model/, types apart', () => {
    const wrong = imports.filter(({ folder, target, isType }) => folder === 'model' && target === 'vue' && !isType)
    expect(wrong.map(({ file }) => file)).toEqual([])
  })
})

describe('source files', () => {
  it('are short', () => {
    const lines = (file: string) => readFileSync(join(ROOT, file), 'utf8').split('\n').length
    expect(sources.filter((file) => !file.startsWith('generated') && lines(file) > 600)).toEqual([])
  })

  it('use no `any`', () => {
    const anyType = /(?::|<|\bas|\|)\s*any\b/
    const hasAny = (file: string) => anyType.test(readFileSync(join(ROOT, file), 'utf8'))
    expect(sources.filter(hasAny)).toEqual([])
  })
})
