/** How one piece of state stands in the URL. */
export interface UrlParameter<Value> {
  readonly name: string
  readonly fallback: Value
  /** The value written in the URL; null when the text means nothing. */
  read(text: string): Value | null
  /** The text for the value; null when it need not be written. */
  write(value: Value): string | null
  /** Whether a value makes sense here and now. */
  check(value: Value): boolean
}

/** The value in the query, or the fallback when it is missing, unreadable or makes no sense. */
export function readParameter<Value>(query: URLSearchParams, parameter: UrlParameter<Value>): Value {
  const text = query.get(parameter.name)
  if (text === null) return parameter.fallback
  const value = parameter.read(text)
  return value !== null && parameter.check(value) ? value : parameter.fallback
}

/** Puts the value into the query, or takes the parameter out when it need not be written. */
export function writeParameter<Value>(
  query: URLSearchParams,
  parameter: UrlParameter<Value>,
  value: Value,
): void {
  const text = parameter.write(value)
  if (text === null) query.delete(parameter.name)
  else query.set(parameter.name, text)
}
