import { say } from '../parts/toasts.tsx'
import { queries } from './queries.ts'

/** It is done: that is said, and what is shown of it is asked for anew. */
export async function told(words: string, ...topics: readonly string[]): Promise<void> {
  say(words)
  await Promise.all(topics.map((topic) => queries.invalidateQueries({ queryKey: [topic] })))
}
