// `label=team=billing`, once for each label that must match.

import type { Parameter } from '../../http/query.ts'

export const labelFilter: Parameter<Readonly<Record<string, string>>> = {
  description: 'Only jobs with this label, as `name=value`. Repeat it for several; all must match.',
  schema: { type: 'string', examples: ['team=billing'] },
  repeatable: true,
  read: (values) => {
    const pairs = values.map(
      (value) => [value.slice(0, value.indexOf('=')), value.slice(value.indexOf('=') + 1)] as const,
    )
    const named = values.every((value) => value.indexOf('=') > 0)
    return named
      ? { value: Object.fromEntries(pairs) }
      : { code: 'format', wrong: 'has the form name=value.' }
  },
}
