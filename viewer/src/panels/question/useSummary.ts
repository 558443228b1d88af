import { useLocale } from '../../locales'
import { reachOf } from '../../model/question'
import type { Question } from '../../model/question'
import { useCatalogue } from '../../stores/catalogue'

/** A question in a few words, for the head of its answer and for a file made of it. */
export function useSummary() {
  const catalogue = useCatalogue()
  const { t, inLanguage, formatNumber } = useLocale()

  function summaryOf(question: Question): string {
    const layer = inLanguage(catalogue.layer(question.layer).title)
    return t(`question.summary.${question.relation}`, { layer, metres: formatNumber(reachOf(question)) })
  }

  return { summaryOf }
}
