// From a JSON Schema and a document that fits it: the same document with one thing wrong, or odd, at a time.

export type Schema = {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly additionalProperties?: boolean | Schema
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly enum?: readonly unknown[]
}

export type Components = Readonly<Record<string, Schema>>

/** Texts that were somebody's undoing. */
export const TEXTS: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u202eabc',
  'a\r\nSet-Cookie: x=1',
  '\u001b]52;c;aGk=\u0007',
  'x'.repeat(300),
  'ü'.repeat(5_000),
  'x'.repeat(70_000),
  "'; DROP TABLE jobs; --",
  '1 OR 1=1',
  '%',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '{{constructor.constructor("return process")()}}',
  '{{secret.none}}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is meant for somebody else's templates.
  '${7*7}',
  '$(id)',
  '<script>alert(1)</script>',
  '=HYPERLINK("http://x")',
  `${'a'.repeat(60)}!`,
  '(a+)+$',
  'http://169.254.169.254/latest/meta-data/',
  'http://[::ffff:7f00:1]/',
  'http://0x7f.1/',
  'javascript:alert(1)',
  'file:///etc/passwd',
  '*/0 * * * *',
  '0 0 30 2 *',
  `${'1,'.repeat(5_000)}1 * * * *`,
  'Mars/Phobos',
  'PT-5S',
  '999999999999999999999d',
  '2027-02-30T00:00:00Z',
  '+275761-01-01T00:00:00Z',
  'NaN',
  'null',
  '__proto__',
]

export const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -1e308,
  2 ** 53 + 2,
  Number.MIN_VALUE,
  [],
  {},
  [[]],
  [null],
  { a: { b: { c: [] } } },
  { constructor: { prototype: { x: 1 } } },
  ...TEXTS,
]

export function resolve(schema: Schema, components: Components): Schema {
  const name = schema.$ref?.split('/').at(-1)
  return name === undefined ? schema : (components[name] ?? {})
}

/** Each with a word for what was done to it. */
export function* spoiled(
  document: unknown,
  schema: Schema,
  components: Components,
  depth = 0,
): Generator<readonly [string, unknown]> {
  for (const value of VALUES) yield [`is ${JSON.stringify(value)?.slice(0, 40)}`, value]
  const plain = resolve(schema, components)
  yield* bounds(plain)
  if (depth > 6) return
  for (const one of plain.anyOf ?? []) yield* bounds(resolve(one, components))
  if (Array.isArray(document)) {
    yield ['is a long list', Array.from({ length: 3_000 }, () => document[0] ?? null)]
    if (plain.items === undefined || document.length === 0) return
    for (const [what, value] of spoiled(document[0], plain.items, components, depth + 1))
      yield [`/0 ${what}`, [value, ...document.slice(1)]]
    return
  }
  if (typeof document !== 'object' || document === null) return
  const own = document as Record<string, unknown>
  yield ['has a member too many', { ...own, unknownMember: 1 }]
  yield [
    'has members of the chain',
    JSON.parse(`{"__proto__":{"polluted":true},${JSON.stringify(own).slice(1)}`.replace(/,\}$/, '}')),
  ]
  for (const name of Object.keys(own)) {
    const { [name]: _, ...rest } = own
    yield [`/${name} is missing`, rest]
  }
  const members = membersOf(plain, components)
  for (const [name, member] of Object.entries(members)) {
    for (const [what, value] of spoiled(own[name], member, components, depth + 1))
      yield [`/${name} ${what}`, { ...own, [name]: value }]
  }
}

function membersOf(schema: Schema, components: Components): Readonly<Record<string, Schema>> {
  const all = (schema.anyOf ?? []).map((one) => membersOf(resolve(one, components), components))
  return Object.assign({}, ...all, schema.properties ?? {})
}

function* bounds({
  minimum,
  maximum,
  minLength,
  maxLength,
  enum: words,
}: Schema): Generator<readonly [string, unknown]> {
  if (minimum !== undefined) yield [`is ${minimum - 1}`, minimum - 1]
  if (maximum !== undefined) yield [`is ${maximum + 1}`, maximum + 1]
  if (maximum !== undefined) yield [`is ${maximum}`, maximum]
  if (minLength !== undefined) yield ['is too short', 'x'.repeat(Math.max(0, minLength - 1))]
  if (maxLength !== undefined && maxLength < 100_000) yield ['is too long', 'x'.repeat(maxLength + 1)]
  if (words !== undefined) for (const word of words) yield [`is ${String(word)}`, word]
}
