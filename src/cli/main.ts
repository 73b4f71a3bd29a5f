// Where the process starts: arguments in, exit code out.

import { runCommandLine } from './program.ts'
import { processTerminal } from './terminal.ts'

// Whoever read our output has gone (`carillon run list | head`): there is nobody left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runCommandLine(process.argv.slice(2), processTerminal())
