// The config.yml of scheduler0, with the names of its document. What only its own cluster needed is passed over.

import type { Gathered, ReadFile } from '../given.ts'
import { scheduler0Settings } from './scheduler0-settings.ts'

export const SCHEDULER0_FILE = 'config.yml'

/** null: there is no such file. */
export async function readScheduler0File(path: string, readFile: ReadFile): Promise<Gathered | null> {
  const file = readFile(path)
  if (file === null) return null
  const { parseDocument } = await import('yaml')
  const document = parseDocument(file.text, { prettyErrors: true })
  const [error] = document.errors
  if (error !== undefined) return refusal(path, error.message.split('\n')[0]!)
  const content: unknown = document.toJS({ maxAliasCount: 0 })
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return refusal(path, 'must be a map from names to values, such as "Port: 9091"')
  }
  const settings = scheduler0Settings((name) => {
    const value: unknown = Object.hasOwn(content, name)
      ? (content as Record<string, unknown>)[name]
      : undefined
    if (typeof value !== 'string' && typeof value !== 'number') return undefined
    return { text: String(value), origin: `${path}: ${name}` }
  })
  return { ...settings, warnings: [] }
}

function refusal(origin: string, detail: string): Gathered {
  return { given: [], warnings: [], problems: [{ origin, detail }] }
}
