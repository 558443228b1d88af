import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import { askAnswer, askPeople } from '../../api/questions'
import type { Answer, Inhabitants } from '../../api/questions'
import type { Feature } from '../../api/features'
import type { Question } from '../../model/question'
import { useQuestion } from '../../stores/question'
import { useSession } from '../../stores/session'
import { useAnswerOnMap } from './useAnswerOnMap'

/** What an answer is made of, before there is any; `reset` brings that back. */
function emptyAnswer() {
  const rows = shallowRef<readonly Feature[]>([])
  const first = shallowRef<Answer | null>(null)
  const next = ref<string | null>(null)
  const people = shallowRef<Inhabitants | null>(null)
  const isComplete = ref(true)
  const isLoading = ref(false)
  const failure = shallowRef<unknown>(null)

  function reset() {
    rows.value = []
    first.value = null
    next.value = null
    people.value = null
    failure.value = null
    isLoading.value = false
  }

  return { rows, first, next, people, isComplete, isLoading, failure, reset }
}

/** The answer to the question asked: rows page by page, counts, inhabitants, and all of it on the map. */
export function useQuestionAnswer() {
  const store = useQuestion()
  const session = useSession()
  const onMap = useAnswerOnMap()

  const { rows, first, next, people, isComplete, isLoading, failure, reset } = emptyAnswer()
  const sort = ref('id')
  const group = ref<string | null>(null)
  let running = new AbortController()

  const total = computed(() => first.value?.numberMatched ?? 0)

  async function run(question: Question, isNew: boolean) {
    running.abort()
    running = new AbortController()
    const { signal } = running
    isLoading.value = true
    failure.value = null
    try {
      const page = { sort: sort.value, ...(group.value ? { group: group.value } : {}) }
      const answer = await askAnswer(question, page, signal)
      first.value = answer
      rows.value = answer.features
      next.value = answer.next
      if (isNew) {
        isComplete.value = await onMap.draw(question, answer, signal)
        const asksPeople = question.layer === 'buildings' && session.has('people:read')
        people.value = asksPeople ? await askPeople(question, signal) : null
      }
    } catch (error) {
      if (!signal.aborted) failure.value = error
    } finally {
      if (!signal.aborted) isLoading.value = false
    }
  }

  async function more() {
    const question = store.asked
    if (!question || next.value === null) return
    isLoading.value = true
    try {
      const answer = await askAnswer(question, { sort: sort.value, after: next.value }, running.signal)
      rows.value = [...rows.value, ...answer.features]
      next.value = answer.next
    } catch (error) {
      failure.value = error
    } finally {
      isLoading.value = false
    }
  }

  function forget() {
    running.abort()
    reset()
    onMap.clear()
  }

  watch(
    () => store.asked,
    (question, before) => {
      if (question?.layer !== before?.layer) {
        sort.value = 'id'
        group.value = null
      }
      if (question) void run(question, true)
      else forget()
    },
    { immediate: true },
  )
  watch([sort, group], () => {
    if (store.asked && first.value) void run(store.asked, false)
  })
  onBeforeUnmount(forget)

  return { rows, first, next, people, total, isComplete, isLoading, failure, sort, group, more, select: onMap.select }
}
