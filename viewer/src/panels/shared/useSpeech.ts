import { computed } from 'vue'
import type { FieldDeclaration } from '../../generated/layers'
import { useLocale } from '../../locales'
import { formatValue } from '../../model/format'
import type { Speech } from '../../model/format'
import { useCatalogue } from '../../stores/catalogue'

/** Values in the reader's words: code texts, units, dates in the language chosen. */
export function useSpeech() {
  const catalogue = useCatalogue()
  const { language, t } = useLocale()
  const speech = computed<Speech>(() => ({
    language: language.value,
    yes: t('format.yes'),
    no: t('format.no'),
    codeText: catalogue.codeText,
  }))

  function textOf(field: Pick<FieldDeclaration, 'type' | 'codes' | 'unit'>, value: unknown): string {
    return formatValue(field, value, speech.value)
  }

  return { speech, textOf, codeText: catalogue.codeText }
}
