import { idParameter } from './id'

/** `plan=3`: the plan of grids that is open. */
export const planParameter = idParameter('plan')
