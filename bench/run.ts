// npm run bench: measures what is promised and prints one table.
//   node bench/run.ts [--only burst,next] [--quick] [--server "--slots 512"] [--node "--cpu-prof"]

import { parseArgs } from 'node:util'
import { burst } from './burst.ts'
import type { Scale } from './scale.ts'
import { Sink } from './sink.ts'
import { type Line, printTable } from './table.ts'

type Measure = (sink: Sink, scale: Scale) => Promise<Line[]>

const MEASURES: Readonly<Record<string, Measure>> = { burst }

await main()

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: Object.keys(MEASURES).join(',') },
      quick: { type: 'boolean', default: false },
      server: { type: 'string', default: '' },
      node: { type: 'string', default: '' },
    },
  })
  const words = (text: string): string[] => text.split(/[ ,]/).filter((word) => word !== '')
  const scale: Scale = {
    quick: values.quick,
    serverArgs: words(values.server),
    nodeArgs: words(values.node),
  }
  const lines: Line[] = []
  await using sink = await Sink.start()
  for (const name of words(values.only)) {
    const measure = MEASURES[name]
    if (measure === undefined) throw new Error(`there is no measurement ${name}, only ${Object.keys(MEASURES)}`)
    console.error(`… ${name}`)
    lines.push(...(await measure(sink, scale)))
  }
  printTable(lines)
}
