import { ROLE_TITLES } from '../../generated/layers'
import type { Role } from '../../generated/layers'
import { useLocale } from '../../locales'

const isRole = (role: string): role is Role => role in ROLE_TITLES

/** Roles in the reader's language. */
export function useRoleText() {
  const { t, inLanguage } = useLocale()
  const rolesText = (roles: readonly string[]) =>
    roles.map((role) => (isRole(role) ? inLanguage(ROLE_TITLES[role]) : role)).join(t('plan.and'))
  return { rolesText }
}
