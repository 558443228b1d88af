import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { EMPTY_DRAFT, draftOf } from '../model/question'
import type { Question, QuestionDraft } from '../model/question'

/** The spatial question being put together, and the one that was asked; the URL keeps the latter. */
export const useQuestion = defineStore('question', () => {
  const draft = shallowRef<QuestionDraft>(EMPTY_DRAFT)
  const asked = shallowRef<Question | null>(null)
  /** The questions whose counts were opened, the latest last. */
  const before = shallowRef<readonly Question[]>([])

  function change(part: Partial<QuestionDraft>) {
    draft.value = { ...draft.value, ...part }
  }

  function ask(question: Question | null) {
    asked.value = question
    before.value = []
    if (question) draft.value = draftOf(question)
  }

  /** Asks for the rows of a count; `goBack` returns to what was counted. */
  function open(question: Question) {
    const trail = asked.value ? [...before.value, asked.value] : []
    ask(question)
    before.value = trail
  }

  function goBack() {
    const trail = before.value
    ask(trail.at(-1) ?? null)
    before.value = trail.slice(0, -1)
  }

  return { draft, asked, before, change, ask, open, goBack }
})
