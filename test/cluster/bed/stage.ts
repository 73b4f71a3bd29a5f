// All that takes part: the store, the nodes on their roads to it, the sink, and the faults as they happen.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openPostgresStore } from '../../../src/adapters/postgres/open.ts'
import { openSqliteStore } from '../../../src/adapters/sqlite/open.ts'
import type { Store } from '../../../src/ports/store.ts'
import type { CarillonClient } from '../../../src/sdk/index.ts'
import { seededChance } from '../../contracts/world.ts'
import { Random } from '../../schedule/random.ts'
import { ADMIN_KEY } from '../../support/server-process.ts'
import { systemClock } from '../../support/system-clock.ts'
import { NodeProcess } from '../cast/node-process.ts'
import { PostgresPair } from '../cast/postgres-pair.ts'
import { SinkProcess } from '../cast/sink-process.ts'
import { faketimeLibrary, SteppedClock } from '../cast/stepped-clock.ts'
import type { Fault, FaultKind, Incident } from '../checker/history.ts'
import { Roads } from './roads.ts'

export type StageOptions = {
  readonly folder: string
  readonly seed: number
  /** `alone`: one node on SQLite. */
  readonly cast: 'cluster' | 'alone'
  /** The program of the nodes, when it is not this tree's. */
  readonly program?: string
  /** A pair that stands already; its databases are kept apart. */
  readonly pair?: PostgresPair
  readonly say?: (line: string) => void
}

export const NODES = ['n1', 'n2', 'n3'] as const
const COUNTED_WITHIN_MS = 2_000
const DATABASE_USER = 'carillon'

export class Stage implements AsyncDisposable {
  readonly nodes: NodeProcess[] = []
  readonly roads = new Map<string, Roads>()
  readonly faults: Fault[] = []
  readonly incidents: Incident[] = []
  readonly random: Random
  readonly say: (line: string) => void
  readonly #parts = new AsyncDisposableStack()
  #sink: SinkProcess | null = null
  #pair: PostgresPair | null = null
  #openStore: (() => Promise<Store>) | null = null
  readonly #stale = new Map<number, number>()
  #turn = 0

  private constructor({ seed, say = () => {} }: StageOptions) {
    this.random = new Random(seed)
    this.say = say
  }

  /** Everything runs when it resolves. */
  static async open(options: StageOptions): Promise<Stage> {
    const stage = new Stage(options)
    await using begun = new AsyncDisposableStack()
    begun.use(stage)
    await stage.#build(options)
    begun.move()
    return stage
  }

  get sink(): SinkProcess {
    return this.#sink!
  }

  /** null: the store has no other process. */
  get pair(): PostgresPair | null {
    return this.#pair
  }

  /** The store itself, past the nodes and what stands in their way. */
  openStore(): Promise<Store> {
    return this.#openStore!()
  }

  /** One node after the other, of those that run. */
  client(): CarillonClient | null {
    for (let tries = 0; tries < this.nodes.length; tries += 1) {
      this.#turn += 1
      const client = this.nodes[this.#turn % this.nodes.length]!.client
      if (client !== null) return client
    }
    return null
  }

  /** Writes that were refused as stale, as far as the nodes lived to tell. */
  get staleWrites(): number {
    return [...this.#stale.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Asks the nodes that run what they have counted. */
  async count(): Promise<void> {
    for (const node of this.nodes) {
      const start = node.starts.at(-1)
      if (node.client === null || node.url === null || start === undefined) continue
      const answer = await fetch(`${node.url}/metrics`, {
        headers: { authorization: `Bearer ${ADMIN_KEY}` },
        signal: AbortSignal.timeout(COUNTED_WITHIN_MS),
      }).catch(() => null)
      const found = /^carillon_stale_writes_total (\d+)/m.exec((await answer?.text()) ?? '')
      if (found !== null) this.#stale.set(start.pid, Number(found[1]))
    }
  }

  /** Told to stop, and gone; how it went otherwise is written down. */
  async stop(node: NodeProcess): Promise<void> {
    const says = await node.stop()
    if (says !== null) this.incidents.push({ node: node.name, at: Date.now(), says })
  }

  /** Does harm, and writes down from when to when. */
  async harm(kind: FaultKind, node: NodeProcess | null, doing: () => Promise<void>): Promise<void> {
    // Nobody takes over from the only node.
    const on = this.nodes.length === 1 ? null : (node?.name ?? null)
    const from = Date.now()
    const fault = { kind, node: on, from, to: Number.MAX_SAFE_INTEGER }
    const place = this.faults.push(fault) - 1
    await doing()
    this.faults[place] = { ...fault, to: Date.now() }
    this.say(`${kind}${node === null ? '' : ` ${node.name}`}: ${Date.now() - from} ms`)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.disposeAsync()
  }

  async #build(options: StageOptions): Promise<void> {
    const { folder, cast, seed } = options
    this.#sink = this.#parts.use(await SinkProcess.start(join(folder, 'sink.jsonl')))
    const library = faketimeLibrary()
    const names = cast === 'alone' ? NODES.slice(0, 1) : NODES
    const clockOf = (name: string) =>
      library === null || name !== names.at(-1)
        ? {}
        : { clock: new SteppedClock(join(folder, `${name}.time`), library) }
    const database = `bed_${process.pid}_${seed}_${databases++}`
    if (cast === 'cluster') {
      this.#pair = options.pair ?? this.#parts.use(await PostgresPair.start())
      await this.#pair.database(database)
    }
    for (const name of names) {
      const dataDir = join(folder, name)
      mkdirSync(dataDir)
      const args: string[] = []
      if (this.#pair !== null) {
        const roads = this.#parts.use(await Roads.to(this.#pair.members))
        this.roads.set(name, roads)
        args.push('--store', roads.url(DATABASE_USER, database))
      }
      const { program } = options
      const node = new NodeProcess({
        name,
        dataDir,
        stallFile: join(folder, `${name}.stall`),
        args,
        ...clockOf(name),
        ...(program === undefined ? {} : { program }),
      })
      this.nodes.push(this.#parts.use(node))
    }
    this.#openStore = async () => {
      const chance = seededChance()
      if (this.#pair === null)
        return openSqliteStore({ path: join(folder, names[0]!, 'carillon.db'), chance })
      // Asked for anew: it may have failed over meanwhile.
      const url = this.#pair.primary.url(database)
      return openPostgresStore({ url, chance, clock: systemClock })
    }
    await this.nodes[0]!.start()
    await Promise.all(this.nodes.slice(1).map((node) => node.start()))
  }
}

let databases = 0
