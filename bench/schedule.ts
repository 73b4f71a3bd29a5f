// How many next() a second, ours beside the libraries that could have been used instead.
// Each walks: the next question is the last answer. Alone, with every figure: node bench/schedule.ts

import { cpus } from 'node:os'
import { Cron } from 'croner'
import { compileSchedule } from '../src/domain/schedule/schedule.ts'
import type { Scale } from './scale.ts'
import type { Sink } from './sink.ts'
import { type Line, line, number } from './table.ts'

type Walk = (from: number) => number | null
type Peer = { name: string; open: (cron: string, timezone: string) => Walk }

const CASES: readonly (readonly [label: string, cron: string, timezone: string])[] = [
  ['every minute', '* * * * *', 'UTC'],
  ['every minute', '* * * * *', 'Europe/Berlin'],
  ['every 5 minutes', '*/5 * * * *', 'America/New_York'],
  ['every 10 seconds', '*/10 * * * * *', 'Europe/Berlin'],
  ['every half hour', '*/30 * * * *', 'Australia/Lord_Howe'],
  ['hourly', '0 * * * *', 'Europe/Berlin'],
  ['every 2 hours', '0 */2 * * *', 'Asia/Kolkata'],
  ['daily', '30 2 * * *', 'Europe/Berlin'],
  ['daily', '30 2 * * *', 'UTC'],
  ['twice a day', '15 6,18 * * *', 'Australia/Lord_Howe'],
  ['weekdays', '0 9 * * MON-FRI', 'America/New_York'],
  ['lists', '5,10,45 8-17 * * 1,3,5', 'Europe/Berlin'],
  ['monthly', '0 0 1 * *', 'America/New_York'],
  ['last day', '0 0 L * *', 'Europe/Berlin'],
  ['last weekday', '0 18 LW * *', 'America/New_York'],
  ['nearest weekday', '0 9 15W * *', 'Asia/Kolkata'],
  ['second Friday', '0 9 * * FRI#2', 'Europe/Berlin'],
  ['last Friday', '0 9 * * 5L', 'Australia/Lord_Howe'],
  ['29 February', '0 0 29 2 *', 'Europe/Berlin'],
  ['years', '0 0 12 1 */3 * 2026-2199', 'America/New_York'],
]

const START = Date.UTC(2026, 0, 1)
const ROUNDS = 7
const ROUND_MS = 60
/** Calls between two looks at the clock. */
const BATCH = 64

const ours: Peer = {
  name: 'carillon',
  open: (cron, timezone) => {
    const schedule = compileSchedule({ cron, timezone }, { hashKey: 'bench', createdAt: START })
    return (from) => schedule.next(from)
  },
}

const croner: Peer = {
  name: 'croner',
  open: (cron, timezone) => {
    const job = new Cron(cron, { timezone, fixedTimeRule: 'no-wildcard' })
    return (from) => job.nextRun(new Date(from))?.getTime() ?? null
  },
}

/** cron-parser is no dependency of ours; it takes part where the peers of this folder are installed. */
async function cronParser(): Promise<Peer[]> {
  const name: string = 'cron-parser'
  const loaded = await import(name).catch(() => null)
  const parse = loaded?.CronExpressionParser?.parse
  if (parse === undefined) return []
  return [
    {
      name,
      open: (cron, tz) => {
        const walk = parse.call(loaded.CronExpressionParser, cron, { tz, currentDate: new Date(START) })
        // It keeps its own place; asked anew from the start it is set back.
        return (from) => {
          if (from === START) walk.reset(new Date(START))
          return walk.next().getTime()
        }
      },
    },
  ]
}

function perSecond(walk: Walk): number {
  const rates = Array.from({ length: ROUNDS }, () => {
    let calls = 0
    let at: number | null = START
    const begin = performance.now()
    let elapsed = 0
    while (elapsed < ROUND_MS) {
      for (let i = 0; i < BATCH; i++) at = walk(at ?? START)
      calls += BATCH
      elapsed = performance.now() - begin
    }
    return (calls / elapsed) * 1_000
  })
  return rates.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!
}

function measure(peer: Peer, cron: string, timezone: string): number | null {
  try {
    return perSecond(peer.open(cron, timezone))
  } catch {
    return null // the peer has no such expression
  }
}

function countMs(cron: string, timezone: string): number {
  const schedule = compileSchedule({ cron, timezone }, { hashKey: 'bench', createdAt: START })
  const begin = performance.now()
  schedule.count(START, Date.UTC(2076, 0, 1))
  return performance.now() - begin
}

type Rates = {
  readonly cron: string
  readonly timezone: string
  readonly label: string
  readonly rates: (number | null)[]
}

function measureAll(peers: readonly Peer[]): Rates[] {
  return CASES.map(([label, cron, timezone]) => ({
    ...{ label, cron, timezone },
    rates: peers.map((peer) => measure(peer, cron, timezone)),
  }))
}

const FACTOR = 10
const PER_SECOND = 500_000
/** The first cases: what most jobs say. */
const COMMON = 13

export async function next(_sink: Sink, _scale: Scale): Promise<Line[]> {
  const peers = [ours, croner, ...(await cronParser())]
  const all = measureAll(peers)
  const factors = all.map(({ rates }) => rates[0]! / (rates[1] ?? Number.NaN)).sort((a, b) => a - b)
  const others = all
    .flatMap(({ rates }) => (rates[2] == null ? [] : [rates[0]! / rates[2]]))
    .sort((a, b) => a - b)
  const slowest = Math.min(...all.slice(0, COMMON).map(({ rates }) => rates[0]!))
  const what = `next() on ${all.length} expressions`
  const span = (list: number[]): string => `${number(list[0]!)} × … ${number(list.at(-1)!)} ×`
  return [
    line(`${what}, beside croner: least … most`, `≥ ${FACTOR} × each`, span(factors), factors[0]! >= FACTOR),
    ...(others.length === 0
      ? []
      : [line(`… beside cron-parser, on the ${others.length} it knows`, '–', span(others), null)]),
    line(
      `next() on the slowest of ${COMMON} common ones`,
      `≥ ${number(PER_SECOND)}/s`,
      `${number(slowest)}/s`,
      slowest >= PER_SECOND,
    ),
  ]
}

async function print(): Promise<void> {
  const peers = [ours, croner, ...(await cronParser())]
  console.log(
    `next() per second, median of ${ROUNDS} rounds, Node ${process.version}, ${cpus()[0]?.model ?? '?'}\n`,
  )
  console.log(`| expression | zone | what | ${peers.map((peer) => peer.name).join(' | ')} | × croner |`)
  console.log(`|---|---|---|${peers.map(() => '--:|').join('')}--:|`)
  const all = measureAll(peers)
  for (const { cron, timezone, label, rates } of all) {
    const factor = rates[0]! / (rates[1] ?? Number.NaN)
    const shown = rates.map((rate) => (rate === null ? '–' : number(rate)))
    console.log(`| ${[`\`${cron}\``, timezone, label, ...shown, factor.toFixed(0)].join(' | ')} |`)
  }
  const factors = all.map(({ rates }) => rates[0]! / (rates[1] ?? Number.NaN))
  console.log(`\nsmallest factor over croner: ${Math.min(...factors).toFixed(1)}`)
  for (const timezone of ['UTC', 'Europe/Berlin', 'Africa/Casablanca']) {
    console.log(
      `count of \`* * * * * *\` over 50 years in ${timezone}: ${countMs('* * * * * *', timezone).toFixed(2)} ms`,
    )
  }
}

if (import.meta.main) await print()
