import { ref, shallowRef } from 'vue'
import { ApiError } from '../../api/client'
import { getPlan, operatePlan, redoPlan, stepPlan, undoPlan } from '../../api/plans'
import type { Geometry } from '../../model/bounds'
import type { Operation, Plan, PlanStep } from '../../model/plan'
import { useLiveReload } from '../shared/useLiveReload'
import { useLoaded } from '../shared/useLoaded'
import { usePlanPreview } from './usePlanPreview'

/** Why an operation was refused, and where. */
export interface Refusal {
  readonly kind: string
  readonly where: Geometry | null
}

/** Somebody else was faster: who, and what of one's own was not done. */
export interface Meeting {
  readonly actor: string
  readonly kind: string | null
  readonly mine: Operation | null
}

function planIn(error: unknown): Plan | null {
  if (!(error instanceof ApiError) || error.status !== 409) return null
  return (error.members.plan as Plan | undefined) ?? null
}

function refusalIn(error: unknown): Refusal | null {
  if (!(error instanceof ApiError) || typeof error.members.kind !== 'string') return null
  return { kind: error.members.kind, where: (error.members.where as Geometry | undefined) ?? null }
}

/** A plan, and everything that can be done to it. What the server answers is what is shown. */
export function usePlan(id: () => number) {
  const { data: plan, error, isLoading, reload } = useLoaded(id, getPlan)
  const isBusy = ref(false)
  const failure = shallowRef<unknown>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const meeting = shallowRef<Meeting | null>(null)
  const { preview, attempt, forget } = usePlanPreview(id)

  function met(theirs: Plan, mine: Operation | null) {
    const last = theirs.operations[theirs.position - 1]
    meeting.value = { actor: last?.actor ?? theirs.author, kind: last?.kind ?? null, mine }
    plan.value = theirs
  }

  async function write(ask: (version: number) => Promise<Plan>, mine: Operation | null = null): Promise<boolean> {
    if (!plan.value || isBusy.value) return false
    isBusy.value = true
    failure.value = null
    refusal.value = null
    meeting.value = null
    forget()
    try {
      plan.value = await ask(plan.value.row_version)
      return true
    } catch (problem) {
      const theirs = planIn(problem)
      refusal.value = refusalIn(problem)
      if (theirs) met(theirs, mine)
      else if (!refusal.value) failure.value = problem
      return false
    } finally {
      isBusy.value = false
    }
  }

  useLiveReload(['grid_plans'], reload, ({ id: changed }) => changed === id() && !isBusy.value)

  return {
    plan,
    error,
    isLoading,
    reload,
    isBusy,
    failure,
    refusal,
    meeting,
    preview,
    attempt,
    forget,
    operate: (operation: Operation) => write((version) => operatePlan(id(), version, operation), operation),
    undo: () => write((version) => undoPlan(id(), version)),
    redo: () => write((version) => redoPlan(id(), version)),
    step: (step: PlanStep, reason: string, day: string | null) =>
      write((version) => stepPlan(id(), version, step, reason, day)),
  }
}
