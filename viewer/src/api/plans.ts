import type { Operation, Plan, PlanPreview, PlanRow, PlanStep } from '../model/plan'
import { api } from './client'

const pathOf = (id: number) => `/api/plans/${id}`

export async function listPlans(signal?: AbortSignal) {
  return (await api.get<{ readonly items: readonly PlanRow[] }>('/api/plans', { signal })).items
}

export const getPlan = (id: number, signal?: AbortSignal) => api.get<Plan>(pathOf(id), { signal })

/** Throws ApiError 409 with the other plan when one is under way for the community. */
export const beginPlan = (community: string, title: string) => api.post<Plan>('/api/plans', { community, title })

export const previewPlan = (id: number, operation: Operation, signal?: AbortSignal) =>
  api.post<PlanPreview>(`${pathOf(id)}/preview`, { operation }, { signal })

/** Throws ApiError 409 with the plan as it is when somebody else has changed it. */
export const operatePlan = (id: number, version: number, operation: Operation) =>
  api.post<Plan>(`${pathOf(id)}/operations`, { operation, row_version: version })

export const undoPlan = (id: number, version: number) => api.post<Plan>(`${pathOf(id)}/undo`, { row_version: version })

export const redoPlan = (id: number, version: number) => api.post<Plan>(`${pathOf(id)}/redo`, { row_version: version })

export const stepPlan = (id: number, version: number, step: PlanStep, reason: string, effectiveOn: string | null) =>
  api.post<Plan>(`${pathOf(id)}/steps`, {
    step,
    row_version: version,
    ...(reason ? { reason } : {}),
    ...(effectiveOn ? { effective_on: effectiveOn } : {}),
  })
