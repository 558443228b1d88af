import { shallowRef, watch } from 'vue'
import { findFeatures } from '../../api/features'
import type { LayerName } from '../../generated/layers'
import { areaSteps, joinNames } from '../../model/areaCode'

const known = new Map<string, Promise<string | null>>()

async function fetchName(layer: LayerName, code: string): Promise<string | null> {
  try {
    const { features } = await findFeatures(layer, { code, limit: 1 })
    const name = features[0]?.properties.name
    return typeof name === 'string' ? name : null
  } catch {
    known.delete(`${layer}/${code}`)
    return null
  }
}

function nameOf(layer: LayerName, code: string): Promise<string | null> {
  const key = `${layer}/${code}`
  const name = known.get(key) ?? fetchName(layer, code)
  known.set(key, name)
  return name
}

/** The name of an area code: street, community and grid; null until known, '' for no area. */
export function useAreaName(code: () => string | null) {
  const name = shallowRef<string | null>(null)
  watch(
    code,
    async (next) => {
      name.value = next === '' ? '' : null
      if (!next) return
      const names = await Promise.all(areaSteps(next).map((step) => nameOf(step.layer, step.code)))
      if (code() === next) name.value = joinNames(names) || next
    },
    { immediate: true },
  )
  return name
}
