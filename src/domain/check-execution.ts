// Can this be started as a process? Shapes were checked at the door; here is meaning: what a system takes, what is ours
// to set, and the bounds. Whether an agent lets it happen is for the agent's own policy to say.

import { checkCount, short, utf8Length } from './check-bounds.ts'
import { checkLabels } from './check-labels.ts'
import { checkDuration } from './check-policy.ts'
import {
  type CommandTarget,
  EXECUTION_LIMITS,
  type Execution,
  type Placement,
  type ScriptTarget,
} from './command-target.ts'
import { type Problems, pointerStep } from './errors.ts'

/** They change what a program is before it starts, or say which run this is. */
export const RESERVED_ENV =
  /^(?:LD_|DYLD_|CARILLON_)|^(?:NODE_OPTIONS|BASH_ENV|ENV|IFS|TRACEPARENT|TRACESTATE)$/

const SHA256 = /^[0-9a-f]{64}$/
const INTERPRETER = /^[a-z0-9](?:[a-z0-9._+-]{0,30}[a-z0-9+])?$/
const USER = /^(?:[a-z_][a-z0-9_-]{0,30}\$?|\d{1,9})$/

export function checkCommandTarget(target: CommandTarget, problems: Problems, pointer: string): void {
  const { argv, shell } = target as { argv?: readonly string[]; shell?: string }
  if ((argv === undefined) === (shell === undefined)) {
    problems.add(
      pointer,
      'exactly_one_of',
      'A command is either "argv" (program and arguments, read by no shell) or "shell" (a line for sh -c). Give one of them.',
    )
  }
  if (argv !== undefined) checkArgv(argv, problems, `${pointer}/argv`)
  if (shell !== undefined) checkShell(shell, problems, `${pointer}/shell`)
  const own = [...(argv ?? []), shell ?? '']
  checkExecution(target, own, problems, pointer)
}

export function checkScriptTarget(target: ScriptTarget, problems: Problems, pointer: string): void {
  if (!SHA256.test(target.sha256)) {
    const lower = target.sha256.toLowerCase()
    problems.add(
      `${pointer}/sha256`,
      'sha256_invalid',
      'A script is named by the SHA-256 of its content: 64 characters of 0-9 a-f, as the upload has answered it.',
      SHA256.test(lower) ? lower : undefined,
    )
  }
  if (!INTERPRETER.test(target.interpreter)) {
    problems.add(
      `${pointer}/interpreter`,
      'interpreter_invalid',
      `"${short(target.interpreter)}" is not the name of an interpreter. Give a name such as python3 or bash, not a path.`,
      target.interpreter.split('/').at(-1) || undefined,
    )
  }
  const args = target.args ?? []
  checkArgs(args, problems, `${pointer}/args`)
  checkExecution(target, args, problems, pointer)
}

function checkArgv(argv: readonly string[], problems: Problems, pointer: string): void {
  if (argv[0] === undefined || argv[0].trim() === '') {
    problems.add(
      argv.length === 0 ? pointer : `${pointer}/0`,
      'command_empty',
      'A command starts with the program to run.',
    )
  }
  checkArgs(argv, problems, pointer)
}

function checkShell(shell: string, problems: Problems, pointer: string): void {
  if (shell.trim() === '') problems.add(pointer, 'command_empty', 'There is no command on this line.')
  refuseNul(shell, problems, pointer)
}

function checkArgs(args: readonly string[], problems: Problems, pointer: string): void {
  const { argsMax } = EXECUTION_LIMITS
  if (args.length > argsMax) {
    problems.add(
      pointer,
      'too_many',
      `There are at most ${argsMax} arguments, these are ${args.length}. Hand long lists over by stdin.`,
    )
  }
  for (const [n, arg] of args.slice(0, argsMax).entries()) refuseNul(arg, problems, `${pointer}/${n}`)
}

function checkExecution(
  execution: Execution,
  args: readonly string[],
  problems: Problems,
  pointer: string,
): void {
  const { stdinBytesMax, outputBytesMax, killAfterMaxMs, argBytesMax } = EXECUTION_LIMITS
  const { env = {}, cwd, user, stdin, output, killAfter, limits, on } = execution
  checkEnv(env, problems, `${pointer}/env`)
  const bytes = [...args, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)].reduce(
    (sum, text) => sum + utf8Length(text) + 1,
    0,
  )
  if (bytes > argBytesMax) {
    problems.add(
      pointer,
      'command_too_large',
      `Arguments and environment take ${bytes} bytes, a process is started with at most ${argBytesMax}. Hand data over by stdin.`,
    )
  }
  if (cwd !== undefined) checkCwd(cwd, problems, `${pointer}/cwd`)
  if (user !== undefined && !USER.test(user)) {
    problems.add(`${pointer}/user`, 'user_invalid', `"${short(user)}" is not the name or number of a user.`)
  }
  if (stdin !== undefined && utf8Length(stdin) > stdinBytesMax) {
    problems.add(
      `${pointer}/stdin`,
      'stdin_too_large',
      `Standard input has at most ${stdinBytesMax} bytes. Put the data where the command can fetch it.`,
    )
  }
  checkCount(output?.maxBytes, 0, outputBytesMax, problems, `${pointer}/output/maxBytes`)
  checkDuration(killAfter, problems, `${pointer}/killAfter`, 0, killAfterMaxMs)
  checkLimits(limits ?? {}, problems, `${pointer}/limits`)
  if (on !== undefined) checkPlacement(on, problems, `${pointer}/on`)
}

function checkEnv(env: NonNullable<Execution['env']>, problems: Problems, pointer: string): void {
  const entries = Object.entries(env)
  const { envMax } = EXECUTION_LIMITS
  if (entries.length > envMax) {
    problems.add(pointer, 'too_many', `There are at most ${envMax} variables, these are ${entries.length}.`)
  }
  for (const [name, value] of entries.slice(0, envMax)) {
    const at = `${pointer}/${pointerStep(name)}`
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(name)) {
      problems.add(
        at,
        'env_invalid',
        `"${short(name)}" cannot be the name of a variable: letters, digits and _, no digit first.`,
      )
    } else if (RESERVED_ENV.test(name)) {
      problems.add(
        at,
        'env_reserved',
        `${name} changes what a program is before it starts, or is set by the scheduler. Leave it out.`,
      )
    }
    refuseNul(value, problems, at)
  }
}

function checkCwd(cwd: string, problems: Problems, pointer: string): void {
  const { cwdMax } = EXECUTION_LIMITS
  if (cwd.length > cwdMax || !cwd.startsWith('/') || cwd.split('/').includes('..')) {
    problems.add(
      pointer,
      'cwd_invalid',
      `A working directory is an absolute path of at most ${cwdMax} characters without "..".`,
    )
  }
  refuseNul(cwd, problems, pointer)
}

function checkLimits(limits: NonNullable<Execution['limits']>, problems: Problems, pointer: string): void {
  const at = (name: keyof typeof limits): string => `${pointer}/${name}`
  const { cpuSecondsMax, memoryBytesMin, memoryBytesMax, openFilesMin, openFilesMax } = EXECUTION_LIMITS
  const { processesMax, fileBytesMax } = EXECUTION_LIMITS
  checkCount(limits.cpuSeconds, 1, cpuSecondsMax, problems, at('cpuSeconds'))
  checkCount(limits.memoryBytes, memoryBytesMin, memoryBytesMax, problems, at('memoryBytes'))
  checkCount(limits.openFiles, openFilesMin, openFilesMax, problems, at('openFiles'))
  checkCount(limits.processes, 1, processesMax, problems, at('processes'))
  checkCount(limits.fileBytes, 0, fileBytesMax, problems, at('fileBytes'))
}

function checkPlacement(on: Placement, problems: Problems, pointer: string): void {
  if ([on.any, on.all, on.shard].filter((way) => way !== undefined).length > 1) {
    problems.add(
      pointer,
      'exactly_one_of',
      'A run goes to "any" agent, to "all" of them, or is split by "shard". Give one of them.',
    )
  }
  checkCount(on.shard, 1, EXECUTION_LIMITS.shardsMax, problems, `${pointer}/shard`)
  checkLabels(on.labels ?? {}, problems, `${pointer}/labels`, EXECUTION_LIMITS.labelsMax)
}

function refuseNul(text: string, problems: Problems, pointer: string): void {
  if (!text.includes('\0')) return
  problems.add(pointer, 'nul', 'What a process is started with cannot hold U+0000.')
}
