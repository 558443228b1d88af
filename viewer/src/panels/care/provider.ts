/** Who could be given a service. */
export interface Provider {
  readonly id: number
  readonly name: string
  readonly phone: string | null
}
