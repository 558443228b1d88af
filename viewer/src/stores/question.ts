import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { EMPTY_DRAFT, draftOf } from '../model/question'
import type { Question, QuestionDraft } from '../model/question'

/** The spatial question being put together, and the one that was asked; the URL keeps the latter. */
export const useQuestion = defineStore('question', () => {
  const draft = shallowRef<QuestionDraft>(EMPTY_DRAFT)
  const asked = shallowRef<Question | null>(null)

  function change(part: Partial<QuestionDraft>) {
    draft.value = { ...draft.value, ...part }
  }

  function ask(question: Question | null) {
    asked.value = question
    if (question) draft.value = draftOf(question)
  }

  return { draft, asked, change, ask }
})
