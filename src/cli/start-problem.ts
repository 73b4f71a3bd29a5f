// Why a server did not start, in a line, and how to mend it.

import type { Config } from '../main/config/config.ts'
import { formatAddress } from '../main/config/kinds.ts'
import { CliError } from './cli-error.ts'
import { EXIT, type ExitCode } from './exit-code.ts'

export function startProblem(error: unknown, config: Config): unknown {
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  const say = (exit: ExitCode, what: string, hint: string): CliError =>
    new CliError(exit, what, { hint, cause: error })
  const { host, port } = config.listen
  const address = formatAddress(config.listen)
  if (code === 'EADDRINUSE') {
    return say(
      EXIT.failure,
      `${address} is in use by another program.`,
      `Stop that one, or choose another port: --listen ${formatAddress({ host, port: port + 1 })}`,
    )
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return say(
      EXIT.configuration,
      `This machine has no address ${host}.`,
      'Use --listen 127.0.0.1:8080, or 0.0.0.0 for all its addresses.',
    )
  }
  if (code === 'EACCES' && (error as { syscall?: string }).syscall === 'listen') {
    return say(
      EXIT.configuration,
      `This user may not listen on port ${port}.`,
      'Choose a port from 1024 on: --listen 127.0.0.1:8080',
    )
  }
  const unwritable = UNWRITABLE[code]
  if (unwritable !== undefined) {
    return say(
      EXIT.configuration,
      `The data directory ${config.dataDir} ${unwritable}.`,
      'Give another with --data-dir, or mend its owner and permissions.',
    )
  }
  if (/data directory .* is in use/.test(message)) {
    return new CliError(EXIT.failure, `The ${message}`, {
      hint: 'Another one: --data-dir ./data2 --listen 127.0.0.1:8081',
      cause: error,
    })
  }
  if (/^secrets are sealed with the key/.test(message))
    return new CliError(EXIT.configuration, `Not started: ${message}`, { cause: error })
  if ((error as Error).name === 'StoreUnavailable')
    return new CliError(EXIT.failure, message, { cause: error })
  return error
}

const UNWRITABLE: Readonly<Record<string, string>> = {
  EACCES: 'cannot be written by this user',
  EPERM: 'cannot be written by this user',
  EROFS: 'is on a file system that is read-only',
  ENOTDIR: 'is below something that is no directory',
  EEXIST: 'is no directory',
  ENOSPC: 'is on a disk that is full',
}
