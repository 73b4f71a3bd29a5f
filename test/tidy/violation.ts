// What a rule finds: where, which rule, and how to mend it.

export type TreeFile = { readonly path: string; readonly text: string }

export type Violation = {
  readonly path: string
  readonly line: number
  readonly rule: string
  /** What is wrong and how to mend it, in one or two sentences. */
  readonly message: string
}

export type Rule = {
  readonly name: string
  /** Pure: the same files give the same answer. */
  readonly check: (files: readonly TreeFile[]) => Violation[]
}

export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1
  return line
}

export function describeViolation({ path, line, rule, message }: Violation): string {
  return `${path}:${line}  [${rule}]  ${message}`
}
