// What this machine lets happen, whatever a server says: its owner writes it, and it wins.

import { RESERVED_ENV } from '../domain/check-execution.ts'
import type { CommandTarget, Execution, ScriptTarget } from '../domain/command-target.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Dispatcher } from '../ports/dispatcher.ts'
import type { Work } from '../ports/work.ts'

export type LocalPolicy = {
  /** Default true. */
  readonly commands?: boolean
  /** Lines for a shell. Default: as commands. */
  readonly shell?: boolean
  readonly scripts?: boolean
  /** Users a job may name. Default: none. A job that names none runs as the agent's own user. */
  readonly users?: readonly string[]
  /** Interpreters a script may ask for. Default: any. */
  readonly interpreters?: readonly string[]
  /** Where processes may start: these and what is below. Default: anywhere. */
  readonly directories?: readonly string[]
  /**
   * Programs a command may begin with, as they are written in the job. Default: any. One without a slash is the agent's. Then the
   * job sets no variable that is known to have a program load other code.
   */
  readonly programs?: readonly string[]
}

/** What interpreters, shells and the tools that they call load or start because a variable says so. */
const LOADS_CODE = new RegExp(
  `^(?:${[
    'PERL.*',
    'PYTHON(?!UNBUFFERED$|IOENCODING$|UTF8$|DONTWRITEBYTECODE$|HASHSEED$).*',
    '(?:RUBY|GEM_|BUNDLE_|NPM_|PHP|LUA_|DOTNET_|COR_|CORECLR_|GCONV_).*',
    'NODE_(?!ENV$).*',
    '(?:JAVA|_JAVA|JDK_).*|CLASSPATH|R_(?:HOME|LIBS|PROFILE|ENVIRON).*',
    'GIT_(?:SSH|EXEC|CONFIG|EXTERNAL|PAGER|EDITOR|SEQUENCE|ASKPASS|PROXY|TEMPLATE|DIR).*|SSH_ASKPASS.*',
    'BASH_FUNC_.*|SHELLOPTS|BASHOPTS|PS[0-4]|PROMPT_COMMAND|ZDOTDIR|FPATH|SHELL',
    'LESSOPEN|LESSCLOSE|(?:MAN)?PAGER|BROWSER|EDITOR|VISUAL|LOCPATH|OPENSSL_(?:CONF|ENGINES|MODULES)',
    'TAR_OPTIONS|RSYNC_RSH|MAKEFLAGS|MAKEFILES|AWKPATH|AWKLIBPATH',
    'GOFLAGS|RUSTC.*|CARGO_.*|(?:MAVEN|GRADLE|SBT|CATALINA)_OPTS|(?:PIP|UV)_.*|ERL_.*FLAGS|.*_(?:PAGER|EDITOR)',
  ].join('|')})$`,
)

/** null: it may. */
export function refusedBy(policy: LocalPolicy, { spec }: Work): string | null {
  const { command, script } = spec.target
  if (command !== undefined) return refusedCommand(policy, command) ?? refusedExecution(policy, command)
  if (script !== undefined) return refusedScript(policy, script) ?? refusedExecution(policy, script)
  return 'it carries out commands and scripts only'
}

function refusedCommand(policy: LocalPolicy, { argv, shell, env }: CommandTarget): string | null {
  if (policy.commands === false) return 'commands are off here'
  if (shell !== undefined && policy.shell === false) return 'lines for a shell are off here'
  if (policy.programs === undefined) return null
  // A shell starts whatever its line says.
  if (shell !== undefined) return 'only some programs are allowed here, so no lines for a shell'
  const program = argv?.[0] ?? ''
  if (!policy.programs.includes(program)) {
    return `the program ${JSON.stringify(program)} is not allowed here`
  }
  const loading = Object.keys(env ?? {}).find((name) => LOADS_CODE.test(name))
  if (loading !== undefined) {
    return `only some programs are allowed here, and ${loading} has them carry out something else`
  }
  return program.includes('/') ? null : refusedPath(env, 'programs')
}

function refusedScript(policy: LocalPolicy, { interpreter, env }: ScriptTarget): string | null {
  if (policy.scripts === false) return 'scripts are off here'
  if (policy.interpreters === undefined) return null
  if (!policy.interpreters.includes(interpreter)) {
    return `the interpreter ${JSON.stringify(interpreter)} is not allowed here`
  }
  return refusedPath(env, 'interpreters')
}

/** A name is looked up in PATH: whoever sets that says what the name means. */
function refusedPath(env: Execution['env'], what: string): string | null {
  return env?.['PATH'] === undefined
    ? null
    : `only some ${what} are allowed here, so no PATH of the job's own`
}

function refusedExecution(policy: LocalPolicy, { user, cwd, env }: Execution): string | null {
  // Checked with the job too; a server may be wrong.
  const reserved = Object.keys(env ?? {}).find((name) => RESERVED_ENV.test(name))
  if (reserved !== undefined) return `the variable ${JSON.stringify(reserved)} is not a job's to set`
  if (user !== undefined && policy.users?.includes(user) !== true) {
    return `the user ${JSON.stringify(user)} is not allowed here`
  }
  if (cwd === undefined || policy.directories === undefined) return null
  const below = policy.directories.some((folder) => isBelow(cwd, folder))
  return below ? null : `the directory ${JSON.stringify(cwd)} is not allowed here`
}

/** `cwd` is absolute and has no "..": that was checked with the job, and is checked again as a server may be wrong. */
function isBelow(cwd: string, folder: string): boolean {
  const base = folder.replace(/\/+$/, '')
  return !cwd.split('/').includes('..') && (cwd === base || cwd.startsWith(`${base}/`) || base === '')
}

/** Asks the policy before anything is started. What it refuses goes elsewhere. */
export function guarded(policy: LocalPolicy, dispatcher: Dispatcher): Dispatcher {
  const refusal = (work: Work): Outcome | null => {
    const reason = refusedBy(policy, work)
    return reason === null ? null : { kind: 'refused', message: `refused by the agent: ${reason}` }
  }
  const dispatch: Dispatcher['dispatch'] = async (work, signal) =>
    refusal(work) ?? dispatcher.dispatch(work, signal)
  return {
    dispatch,
    dispatchBatch: (works, signal) => Promise.all(works.map((work) => dispatch(work, signal))),
    batchKey: () => null,
  }
}
