// Clock, chance, environment and network come in through ports and configuration. Only the files of this table
// touch them, each for a reason; everything else can be told what time it is.

import { isTest, matches, type Source, sourcesOf } from './sources.ts'
import type { Rule, Violation } from './violation.ts'

export type Surrounding = 'clock' | 'timer' | 'chance' | 'environment' | 'exit' | 'fetch'

const PATTERNS: Readonly<Record<Surrounding, RegExp>> = {
  clock:
    /\bDate\.now\b|\bnew Date\s*\(\s*\)|\bnew Date\b(?!\s*\()|\bperformance\.now\b|\bprocess\.hrtime\b|\bTemporal\.Now\b/g,
  timer: /(?<![.\w#])(?:globalThis\.)?(?:setTimeout|setInterval|setImmediate)\b|\bAbortSignal\.timeout\b/g,
  chance: /\bMath\.random\b|\b(?:randomUUID|randomBytes|randomInt|getRandomValues)\s*\(/g,
  environment: /\bprocess\.env\b/g,
  exit: /\bprocess\.(?:exit|abort|kill)\b/g,
  fetch: /(?<![.\w#])(?:globalThis\.)?fetch\s*\(|\bglobalThis\.fetch\b/g,
}

/** The same things, imported by name. */
const MODULES: Readonly<Record<string, Surrounding>> = {
  'node:timers': 'timer',
  'node:timers/promises': 'timer',
  'node:process': 'environment',
}

const MEND: Readonly<Record<Surrounding, string>> = {
  clock: 'Take `now` as a value, or a Clock from ports/clock.ts.',
  timer: 'Wait with Clock.after of ports/clock.ts, which clamps delays and can be held by hand.',
  chance: 'Take a Chance from ports/chance.ts.',
  environment: 'Make it an option in main/config/options.ts and take the value.',
  exit: 'Set process.exitCode in the cli and let the stack close what it owns.',
  fetch: 'Outgoing requests go through dispatch/, behind the address guard.',
}

type Permission = { readonly under: string; readonly may: readonly Surrounding[]; readonly because: string }

export const PERMISSIONS: readonly Permission[] = [
  {
    under: 'src/adapters/system/',
    may: ['clock', 'timer', 'chance'],
    because: 'it is the clock and the chance of this machine, behind their ports',
  },
  {
    under: 'src/dispatch/guarded-fetch.ts',
    may: ['fetch'],
    because: 'it is the one that has the address guard in front of it',
  },
  {
    under: 'src/dispatch/process/process-tree.ts',
    may: ['exit'],
    because: 'it ends the processes that were started here',
  },
  { under: 'src/main/config/process.ts', may: ['environment'], because: 'the one look at the environment' },
  {
    under: 'src/cli/',
    may: ['clock', 'timer'],
    because: 'a process of its own in front of a person, which waits and shows times to them',
  },
  {
    under: 'src/cli/simple-scheduler/api.ts',
    may: ['clock', 'timer', 'fetch'],
    because: 'it asks the one API that a person has named, which may not be ours',
  },
  {
    under: 'src/sdk/',
    may: ['clock', 'timer', 'chance', 'fetch'],
    because: 'a client library in a foreign process or browser: it calls, retries and makes idempotency keys',
  },
]

const NAME = 'surroundings'

export const surroundingsRule: Rule = {
  name: NAME,
  check: (files) =>
    sourcesOf(files, /^src\//)
      .filter(({ path }) => !isTest(path))
      .flatMap(touched),
}

function touched(source: Source): Violation[] {
  const refused = (Object.keys(PATTERNS) as Surrounding[]).filter((what) => !isPermitted(source.path, what))
  const used = refused.flatMap((what) =>
    matches(source, PATTERNS[what], NAME, (found) => `${found} is not for this file. ${MEND[what]}`),
  )
  const imported = source.imports.flatMap(({ specifier, line }) => {
    const what = MODULES[specifier]
    if (what === undefined || !refused.includes(what)) return []
    return [
      { path: source.path, line, rule: NAME, message: `${specifier} is not for this file. ${MEND[what]}` },
    ]
  })
  return [...used, ...imported]
}

function isPermitted(path: string, what: Surrounding): boolean {
  return PERMISSIONS.some(({ under, may }) => path.startsWith(under) && may.includes(what))
}
