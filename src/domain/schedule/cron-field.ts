// One field of a cron expression that chooses numbers: `*`, `5`, `1-5`, `*/15`, `10-40/5`, `JAN,MAR`, `H`, `H/15`.

export type FieldSpec = {
  readonly name: string
  readonly min: number
  readonly max: number // where `*` ends
  readonly accepts?: number // the largest number read, when that is more than `max`
  readonly names?: readonly string[] // the name at index 0 stands for `min`
  readonly hash?: { readonly min: number; readonly max: number }
}

export type NumberField = {
  readonly values: readonly number[] // ascending, without repeats, at least one
  readonly wildcard: boolean // some item is `*`
  readonly steps: readonly Step[]
  readonly text: string // as written, `H` replaced by what it stands for
}

/** A step as it came out: from `first` by `by` within [min, max]. `whole` says that it runs over the whole field. */
export type Step = { readonly first: number; readonly by: number; readonly whole: boolean }

/** What is wrong with a field, without its name, which whoever catches this knows. */
export class FieldFault extends Error {
  readonly suggestion: string | undefined

  constructor(message: string, suggestion?: string) {
    super(message)
    this.suggestion = suggestion
  }
}

/** The number `H` takes for this field: any integer from 0 up, stable for a job. */
export type FieldHash = number

type Item = { values: number[]; text: string; wildcard: boolean; step?: Step }
type Range = { from: number; to: number; text: string; whole: boolean; wildcard: boolean }

export function parseNumberField(text: string, spec: FieldSpec, hash: FieldHash): NumberField {
  const items = splitList(text).map((item) => parseItem(item, spec, hash))
  return {
    values: ascending(items.flatMap((item) => item.values)),
    wildcard: items.some((item) => item.wildcard),
    steps: items.flatMap((item) => item.step ?? []),
    text: items.map((item) => item.text).join(','),
  }
}

export function splitList(text: string): string[] {
  const items = text.split(',')
  if (items.includes('')) throw new FieldFault(`"${text}" has an empty list item`)
  return items
}

export function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}

export function parseItem(item: string, spec: FieldSpec, hash: FieldHash): Item {
  const [base = '', stepText, ...rest] = item.split('/')
  if (rest.length > 0) throw new FieldFault(`"${item}" has more than one step`)
  const step = stepText === undefined ? null : parseStep(stepText, spec)
  const hashed = HASH.exec(base)
  if (hashed !== null) return hashItem(hashed, spec, hash, step)
  const range = parseRange(base, spec, step !== null)
  if (step === null) {
    return { values: sequence(range.from, range.to, 1), text: range.text, wildcard: range.wildcard }
  }
  return {
    values: sequence(range.from, range.to, step),
    text: `${range.text}/${step}`,
    wildcard: range.wildcard,
    step: { first: range.from, by: step, whole: range.whole },
  }
}

const HASH = /^H(?:\((.*)\))?$/i

function hashItem(match: RegExpExecArray, spec: FieldSpec, hash: FieldHash, step: number | null): Item {
  if (spec.hash === undefined) throw new FieldFault('H is not possible here')
  const inner = match[1]
  if (inner !== undefined && !inner.includes('-')) {
    throw new FieldFault(`"${match[0]}" needs a range, as in H(${spec.hash.min}-${spec.hash.max})`)
  }
  const { from, to } =
    inner === undefined ? { from: spec.hash.min, to: spec.hash.max } : parseRange(inner, spec, false)
  if (step === null) {
    const value = from + (hash % (to - from + 1))
    return { values: [value], text: String(value), wildcard: false }
  }
  const first = from + (hash % Math.min(step, to - from + 1))
  const values = sequence(first, to, step)
  const text = to === spec.max ? `${first}/${step}` : `${first}-${to}/${step}`
  const whole = inner === undefined
  return {
    values,
    text: values.length === 1 ? String(first) : text,
    wildcard: false,
    step: { first, by: step, whole },
  }
}

function parseRange(text: string, spec: FieldSpec, stepped: boolean): Range {
  if (text === '*') return { from: spec.min, to: spec.max, text, whole: true, wildcard: true }
  const [first = '', last, ...rest] = text.split('-')
  if (rest.length > 0) throw new FieldFault(`"${text}" is not a range of two values`)
  const from = parseValue(first, spec)
  // Quartz writes 5/15 for "from 5 on, every 15".
  if (last === undefined) {
    return { from, to: stepped ? spec.max : from, text, whole: stepped && from === spec.min, wildcard: false }
  }
  const to = parseValue(last, spec)
  if (to < from) throw new FieldFault(`the range ${text} runs backwards`, unrolled(from, to, spec))
  return { from, to, text, whole: from === spec.min && to === spec.max, wildcard: false }
}

export function parseValue(text: string, spec: FieldSpec): number {
  const named = spec.names?.indexOf(text.toUpperCase()) ?? -1
  if (named >= 0) return spec.min + named
  if (!/^\d{1,4}$/.test(text)) throw new FieldFault(`"${text}" is not ${wanted(spec)}`)
  const value = Number(text)
  const max = spec.accepts ?? spec.max
  if (value < spec.min || value > max) throw new FieldFault(`${value} is outside ${spec.min}–${max}`)
  return value
}

function parseStep(text: string, spec: FieldSpec): number {
  const max = spec.max - spec.min + 1
  const step = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (step > max) {
    throw new FieldFault(`the step "/${text}" is outside 1–${max}: for a longer distance use \`every\``)
  }
  if (step < 1) throw new FieldFault(`the step "/${text}" is outside 1–${max}`)
  return step
}

function wanted(spec: FieldSpec): string {
  const names = spec.names === undefined ? '' : ` or ${spec.names[0]}–${spec.names.at(-1)}`
  return `a number from ${spec.min} to ${spec.accepts ?? spec.max}${names}`
}

/** `22-3` of an hour is meant as `22-23,0-3`. */
function unrolled(from: number, to: number, spec: FieldSpec): string {
  const part = (a: number, b: number) => (a === b ? `${a}` : `${a}-${b}`)
  return `${part(from, spec.max)},${part(spec.min, to)}`
}

function sequence(from: number, to: number, by: number): number[] {
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, i) => from + i * by)
}
