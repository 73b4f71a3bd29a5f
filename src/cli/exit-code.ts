// What the exit code of every command means. Shown by --help and in docs/cli.md.

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notFound: 3,
  auth: 4,
  runFailed: 5,
  unreachable: 6,
  waitTimedOut: 7,
  configuration: 78,
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export const EXIT_WORDS: Readonly<Record<ExitCode, string>> = {
  0: 'ok',
  1: 'failure',
  2: 'wrong usage or invalid input',
  3: 'not found, or in conflict with what is stored',
  4: 'no key, or a key that may not do this',
  5: 'the run ended unsuccessfully',
  6: 'the server could not be reached',
  7: 'timed out waiting',
  78: 'the configuration is wrong',
  130: 'interrupted',
}

export function exitCodeHelp(): string {
  const lines = Object.entries(EXIT_WORDS).map(([code, words]) => `  ${code.padStart(3)}  ${words}`)
  return `Exit codes:\n${lines.join('\n')}`
}
