// Instants in bodies: checked strictly, because the platform's own reader takes almost anything.

import { parseInstant } from '../../../domain/schedule/instant-text.ts'
import { invalid } from '../../http/http-problem.ts'

/** Epoch milliseconds. Throws HttpProblem('invalid'). */
export function readInstant(text: string, pointer: string): number {
  const parsed = parseInstant(text)
  if (parsed.kind === 'instant') return parsed.ms
  const detail = parsed.kind === 'wrong' ? parsed.detail : 'This time needs an offset, or Z for UTC.'
  throw invalid([{ pointer, code: 'format', detail }])
}

export function refuseNoInstant(text: string | undefined, pointer: string): void {
  if (text !== undefined) readInstant(text, pointer)
}
