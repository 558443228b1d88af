/** Colour of the badge of each register (code table `register`). */
const TONES: Readonly<Record<string, 'info' | 'warn' | 'good'>> = {
  'POP-02': 'warn',
  'POP-03': 'info',
  'POP-04': 'info',
}

/** The badge tone of a register code; registered residents and unknown codes stay neutral. */
export function registerTone(register: string | null): 'info' | 'warn' | 'good' | 'neutral' {
  return (register ? TONES[register] : undefined) ?? 'neutral'
}
