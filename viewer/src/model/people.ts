/** One person of a household; name, number and phone come masked. */
export interface HouseholdMember {
  readonly person_id: number
  readonly name: string
  readonly id_number: string | null
  readonly phone: string | null
  readonly sex: string | null
  readonly age: number | null
  readonly relation: string | null
  readonly register: string | null
  readonly kind: string | null
  readonly from: string | null
  readonly to: string | null
  /** The room let to those who rent the dwelling together, and the bed in it. */
  readonly rented_room: string | null
  readonly bed: string | null
  readonly residence_id: number
  readonly row_version: number
}

/** False for a resident registered outside the reader's areas: counted, but without any detail. */
export function isKnown(member: HouseholdMember): boolean {
  return member.register !== null
}

export interface Household {
  readonly household: string | null
  readonly members: readonly HouseholdMember[]
}

/** A dwelling a person lives or lived in. */
export interface Home {
  /** A place on the building, EPSG:4326; null for a building without a footprint. */
  readonly lon: number | null
  readonly lat: number | null
  readonly building_id: number
  readonly dwelling_id: number
  readonly address: string | null
  readonly unit: string
  readonly floor: number
  readonly room: string
  readonly kind: string | null
  readonly current?: boolean
  readonly from?: string | null
  readonly to?: string | null
  readonly residence_id?: number
  readonly row_version?: number
}

/** A person found by name or number; masked. */
export interface FoundPerson {
  readonly id: number
  readonly name: string
  readonly id_number: string | null
  readonly sex: string | null
  readonly age: number | null
  readonly homes: readonly Home[]
}

/** Oldest digits first: 18 or 15 characters of a resident ID number. */
const ID_NUMBER = /^(\d{15}|\d{17}[\dXx])$/
const MOBILE = /^1\d{10}$/
const LANDLINE = /^0\d{2,3}-?\d{7,8}$/

/** What kind of personal number the text looks like; null for anything else. */
export function personNumberKind(text: string): 'id_number' | 'phone' | null {
  const compact = text.replace(/[\s-]/g, '')
  if (ID_NUMBER.test(compact)) return 'id_number'
  if (MOBILE.test(compact) || LANDLINE.test(text.trim())) return 'phone'
  return null
}

/** Residents of a dwelling, current households first; those who left come last. */
export function orderHouseholds(households: readonly Household[]): readonly Household[] {
  const isCurrent = (household: Household) => household.members.some((member) => member.to === null)
  return [...households].sort((a, b) => Number(isCurrent(b)) - Number(isCurrent(a)))
}

/** Homes lived in now, then the former ones, the latest first. */
export function splitHomes(homes: readonly Home[]): { current: Home[]; former: Home[] } {
  const latestFirst = (a: Home, b: Home) => (b.from ?? '').localeCompare(a.from ?? '')
  const isCurrent = (home: Home) => home.current ?? !home.to
  return {
    current: homes.filter(isCurrent).sort(latestFirst),
    former: homes.filter((home) => !isCurrent(home)).sort(latestFirst),
  }
}
