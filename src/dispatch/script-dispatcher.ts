// Carries out script targets: fetched, checked against its hash before every execution, and given to its interpreter as a
// file that only the user of the attempt can read.

import { hash } from 'node:crypto'
import type { ScriptTarget } from '../domain/command-target.ts'
import type { Dispatcher } from '../ports/dispatcher.ts'
import type { Work } from '../ports/work.ts'
import { NotStarted, type ProcessExecutor } from './process/process-executor.ts'
import { ScriptCache } from './script-cache.ts'

/** null: the server has no such script. Throws when it cannot be fetched now. */
export type FetchScript = (work: Work) => Promise<Uint8Array | null>

export const SCRIPT_CACHE_BYTES = 33_554_432

export function createScriptDispatcher(executor: ProcessExecutor, fetchScript: FetchScript): Dispatcher {
  const cache = new ScriptCache(SCRIPT_CACHE_BYTES)
  const contentOf = async (work: Work, { sha256 }: ScriptTarget): Promise<Uint8Array> => {
    // By project too: what one of them has is nothing another can name.
    const key = `${work.run.projectId} ${sha256}`
    const known = cache.get(key)
    if (known !== null && hashOf(known) === sha256) return known
    const content = await fetched(work, fetchScript)
    const actual = hashOf(content)
    if (actual !== sha256) {
      throw new NotStarted(
        'script_mismatch',
        `the script that came has the SHA-256 ${actual}, the job asks for ${sha256}; it was not executed`,
      )
    }
    cache.set(key, content)
    return content
  }
  const dispatch: Dispatcher['dispatch'] = async (work, signal) => {
    const { script } = work.spec.target
    if (script === undefined) throw new Error('the target is no script')
    const argvOf: Parameters<ProcessExecutor['execute']>[2] = async (scratch) => {
      const path = await scratch.add('script', await contentOf(work, script))
      return [script.interpreter, path, ...(script.args ?? [])]
    }
    return executor.execute(work, script, argvOf, signal)
  }
  return {
    dispatch,
    dispatchBatch: (batch, signal) => Promise.all(batch.map((work) => dispatch(work, signal))),
    batchKey: () => null,
  }
}

async function fetched(work: Work, fetchScript: FetchScript): Promise<Uint8Array> {
  let content: Uint8Array | null
  try {
    content = await fetchScript(work)
  } catch (error) {
    throw new NotStarted('script_unavailable', `the script could not be fetched: ${(error as Error).message}`)
  }
  if (content !== null) return content
  throw new NotStarted('script_unknown', 'the project has no script of this SHA-256; upload it', false)
}

function hashOf(content: Uint8Array): string {
  return hash('sha256', content, 'hex')
}
