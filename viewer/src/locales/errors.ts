import { ApiError } from '../api/client'
import { faultReason } from '../model/faultReason'
import { formatMoment } from '../model/format'
import { t, useLocale } from './index'

/** What to tell the user about something that failed, with all that the server found wrong. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return t('state.error')
  if (error.status === 0) return t('error.network')
  if (error.status === 403) return t('error.forbidden')
  if (error.status === 404) return t('error.notFound')
  if (error.status === 409) return t('error.stale')
  const freesAt = error.members['frees_at']
  if (error.status === 429 && typeof freesAt === 'string') {
    return t('reveal.quotaSpent', { time: formatMoment(freesAt, { language: useLocale().language.value }) })
  }
  if (error.status === 429) return t('error.tooMany')
  if (error.status >= 500) return t('error.server')
  return faultsText(error) || error.detail || error.title || t('error.unknown', { status: error.status })
}

/** What the server found wrong with one field, in the reader's language where it is known. */
export function reasonText(reason: string): string {
  const found = faultReason(reason)
  return found ? t(found.key, found.parameters) : reason
}

/** All that the server found wrong, in the reader's language where it is known. */
function faultsText({ faults }: ApiError): string {
  return [...new Set(faults.map(({ reason }) => reasonText(reason)))].join(t('format.semicolon'))
}
