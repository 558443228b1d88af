import type { LookKind, WarningState } from '../../api/privacy'

type Tone = 'neutral' | 'info' | 'good' | 'warn' | 'bad'

export const KIND_TONES: Readonly<Record<LookKind, Tone>> = {
  search: 'info',
  reveal: 'warn',
  list: 'neutral',
  care: 'info',
  export: 'warn',
  copy: 'warn',
  warning: 'bad',
}

export const STATE_TONES: Readonly<Record<WarningState, Tone>> = { new: 'bad', explained: 'good', followed_up: 'info' }
