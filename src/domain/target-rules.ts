// Whom the jobs of one project may call, beside what the server allows to all. Names and address ranges, as the options
// targets-allow and targets-deny have them.

export type TargetRules = {
  /** `public`: whatever the server allows, and what `allow` adds. `listed`: nothing but what `allow` names. Default: public. */
  readonly policy?: 'public' | 'listed'
  readonly allow?: readonly string[]
  /** Stronger than everything else. */
  readonly deny?: readonly string[]
}

export const TARGET_RULES_LIMITS = { entriesMax: 200, entryCharsMax: 253 } as const

export function rulesNothing({ policy = 'public', allow, deny }: TargetRules): boolean {
  return policy === 'public' && (allow?.length ?? 0) === 0 && (deny?.length ?? 0) === 0
}
