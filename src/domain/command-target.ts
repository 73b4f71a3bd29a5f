// Commands and scripts: what an agent starts as a process, where, and how far it may go.

/** What a command and a script have in common. */
export type Execution = {
  /** Added to the clean environment a process starts with. */
  readonly env?: Readonly<Record<string, string>>
  /** Absolute. Default: an empty directory of its own. */
  readonly cwd?: string
  /** The user it runs as; the agent's own policy says whether that may be. Default: the agent's. */
  readonly user?: string
  /** Text given to its standard input, which is empty otherwise. What a trigger sent along stands in for it. */
  readonly stdin?: string
  readonly limits?: ProcessLimits
  readonly output?: { readonly maxBytes?: number }
  /** Between the request to end (TERM) and the end by force (KILL). Default 10s. */
  readonly killAfter?: string
  readonly on?: Placement
}

export type ProcessLimits = {
  readonly cpuSeconds?: number
  readonly memoryBytes?: number
  readonly openFiles?: number
  readonly processes?: number
  readonly fileBytes?: number
}

/** On which agents: any one (the default), all there are, or one process for each of n shares. All labels must match. */
export type Placement = {
  readonly any?: true
  readonly all?: true
  readonly shard?: number
  readonly labels?: Readonly<Record<string, string>>
}

export type CommandTarget = Execution &
  (
    | {
        /** Program and arguments, each as it stands: no shell reads them. */ readonly argv: readonly string[]
        readonly shell?: never
      }
    | { /** A line for `sh -c`. */ readonly shell: string; readonly argv?: never }
  )

export type ScriptTarget = Execution & {
  /** Of the uploaded content, lower-case hex; checked before every execution. */
  readonly sha256: string
  /** One of those the server and the agent allow: python3, bash, node … */
  readonly interpreter: string
  readonly args?: readonly string[]
}

export const EXECUTION_LIMITS = {
  argsMax: 1_000,
  /** Program, arguments and environment together, as far as every system takes them. */
  argBytesMax: 131_072,
  envMax: 200,
  cwdMax: 4_096,
  stdinBytesMax: 1_048_576,
  outputBytesDefault: 67_108_864,
  outputBytesMax: 1_073_741_824,
  killAfterDefaultMs: 10_000,
  killAfterMaxMs: 600_000,
  shardsMax: 1_000,
  labelsMax: 20,
  cpuSecondsMax: 604_800,
  memoryBytesMin: 4_194_304,
  memoryBytesMax: 2 ** 46,
  openFilesMin: 16,
  openFilesMax: 1_048_576,
  processesMax: 1_048_576,
  fileBytesMax: 2 ** 46,
} as const
