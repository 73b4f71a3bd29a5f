// npm run bench: measures what is promised and prints one table.
//   node bench/run.ts [--only burst,next] [--quick] [--server="--slots 512"] [--node="--cpu-prof"]

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { agents } from './agents.ts'
import { burst } from './burst.ts'
import { bus } from './bus.ts'
import { dispatch } from './dispatch.ts'
import { doors } from './doors.ts'
import { idle } from './idle.ts'
import { lateness } from './lateness.ts'
import { output } from './output.ts'
import { page } from './page.ts'
import { postgres } from './postgres.ts'
import { rounds } from './rounds.ts'
import type { Scale } from './scale.ts'
import { next } from './schedule.ts'
import { scheduler0 } from './scheduler0.ts'
import { Sink } from './sink.ts'
import { Stolen } from './stolen.ts'
import { store } from './store.ts'
import { type Line, printTable } from './table.ts'

type Measure = (sink: Sink, scale: Scale) => Promise<Line[]>

const MEASURES: Readonly<Record<string, Measure>> = {
  burst,
  rounds,
  lateness,
  idle,
  next,
  store,
  dispatch,
  bus,
  page,
  agents,
  output,
  postgres,
  doors,
  scheduler0,
}

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
  installPeers()
  const lines: Line[] = []
  using stolen = new Stolen()
  await using sink = await Sink.start()
  for (const name of words(values.only)) {
    const measure = MEASURES[name]
    if (measure === undefined)
      throw new Error(`there is no measurement ${name}, only ${Object.keys(MEASURES)}`)
    console.error(`… ${name}`)
    lines.push(...(await measure(sink, scale)))
  }
  console.log(`${machine()}\n`)
  printTable(lines)
  console.log(`\n${stolen.text()}`)
}

/** The libraries compared with are installed beside the measurements, when they are wanted. */
function installPeers(): void {
  if (existsSync(new URL('./node_modules', import.meta.url))) return
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: import.meta.dirname, stdio: 'inherit' })
}

function machine(): string {
  const { node, sqlite } = process.versions
  const gib = Math.round(totalmem() / 2 ** 30)
  const cores = cpus()
  return `${cores.length} cores (${cores[0]?.model ?? 'unknown'}), ${gib} GiB, ${process.platform}, Node ${node}, SQLite ${sqlite}`
}
