// Carries out command targets: a program with arguments as they stand, or a line that is said to be for a shell.

import type { CommandTarget } from '../domain/command-target.ts'
import type { Dispatcher } from '../ports/dispatcher.ts'
import type { ProcessExecutor } from './process/process-executor.ts'

const SHELL = '/bin/sh'

export function createCommandDispatcher(executor: ProcessExecutor): Dispatcher {
  const dispatch: Dispatcher['dispatch'] = async (work, signal) => {
    const { command } = work.spec.target
    if (command === undefined) throw new Error('the target is no command')
    return executor.execute(work, command, () => argvOf(command), signal)
  }
  return {
    dispatch,
    dispatchBatch: (batch, signal) => Promise.all(batch.map((work) => dispatch(work, signal))),
    batchKey: () => null,
  }
}

function argvOf({ argv, shell }: CommandTarget): readonly string[] {
  return argv ?? [SHELL, '-c', shell ?? '']
}
