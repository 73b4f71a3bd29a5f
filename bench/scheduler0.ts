// The example of scheduler0's document as it stands: 50,000 jobs `@every 1m` made by a client with axios, called back on one
// with express. After two rounds each job was hit as often as every other.

import { countCalls } from '../test/compat/scheduler0/count-calls.ts'
import type { Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, number } from './table.ts'

const JOBS_PER_ARRAY = 1_000

export async function scheduler0(_sink: Sink, scale: Scale): Promise<Line[]> {
  const arrays = scale.quick ? 5 : 50
  const rounds = scale.quick ? 1 : 2
  const jobs = arrays * JOBS_PER_ARRAY
  await using children = new AsyncDisposableStack()
  const { counts } = await countCalls(children, arrays, JOBS_PER_ARRAY)
  for await (const { jobs: seen, min, max } of counts) {
    const apart = seen === jobs && max - min > 1
    if (!apart && !(seen === jobs && min === rounds)) continue
    const even = min === max
    return [
      line(
        `scheduler0's example, ${number(jobs)} jobs: calls of each after ${rounds} rounds`,
        'min = max',
        `${min} … ${max}`,
        even,
      ),
    ]
  }
  throw new Error('the client ended before it had counted to the end')
}
