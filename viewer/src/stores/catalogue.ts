import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { getCodes, getSummary } from '../api/catalogue'
import type { Code, CodeTables, Summary } from '../api/catalogue'
import { LAYERS } from '../generated/layers'
import type { LayerDeclaration, LayerName } from '../generated/layers'
import { useLocale } from '../locales'
import { useSession } from './session'

const BY_NAME: ReadonlyMap<string, LayerDeclaration> = new Map(
  LAYERS.map((layer) => [layer.name, layer]),
)

/** What layers there are, what their codes mean, how many rows the reader may see of each. */
export const useCatalogue = defineStore('catalogue', () => {
  const session = useSession()
  const { language } = useLocale()
  const tables = shallowRef<CodeTables>({})
  const summary = shallowRef<Summary | null>(null)
  const isLoaded = ref(false)

  const readable = computed(() => LAYERS.filter((layer) => session.has(layer.read)))

  /** Throws RangeError for a name the catalogue does not hold. */
  function layer(name: LayerName): LayerDeclaration {
    const found = BY_NAME.get(name)
    if (!found) throw new RangeError(`No layer is named ${name}`)
    return found
  }

  function isLayerName(name: string): name is LayerName {
    return BY_NAME.has(name)
  }

  function codes(table: string): readonly Code[] {
    return tables.value[table] ?? []
  }

  /** What a code means in the current language; the code itself when the table does not hold it. */
  function codeText(table: string, code: string | null | undefined): string {
    if (code === null || code === undefined || code === '') return ''
    const found = codes(table).find((entry) => entry.code === code)
    return found ? found[language.value] || found.zh : code
  }

  async function load() {
    const [nextTables, nextSummary] = await Promise.all([getCodes(), getSummary()])
    tables.value = nextTables
    summary.value = nextSummary
    isLoaded.value = true
  }

  async function refreshCounts() {
    summary.value = await getSummary()
  }

  function forget() {
    tables.value = {}
    summary.value = null
    isLoaded.value = false
  }

  return { readable, tables, summary, isLoaded, layer, isLayerName, codes, codeText, load, refreshCounts, forget }
})
