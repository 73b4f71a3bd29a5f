// The name of the agent inside a server. Two servers that are called alike are two agents: each data directory keeps the
// name it has got, and another that finds it in use takes one with a number.

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from '../commands/context.ts'
import { type Agent, isLive } from '../domain/agent.ts'
import { version } from './version.ts'

export type InsideAgentPlace = {
  readonly nodeName: string
  readonly dataDir: string
  /** No other server has this store: whoever has the name is the one before this. */
  readonly sole: boolean
}

const NAMES_MAX = 100

/** null: a far agent has the name. */
export async function ensureInsideAgent(ctx: Context, place: InsideAgentPlace): Promise<Agent | null> {
  const base = place.nodeName.replaceAll(/[^\w.-]/g, '-')
  const file = join(place.dataDir, 'name.json')
  const kept = readKept(file)
  const own = kept?.base === base ? kept.name : null
  if (own !== null) return ensure(ctx, place, own)
  for (let count = 1; count <= NAMES_MAX; count += 1) {
    const name = count === 1 ? base : `${base}-${count}`
    const agent = await ensure(ctx, place, name)
    if (agent === null && count === 1) return null
    if (agent === null || (!place.sole && isLive(agent.session, ctx.clock.now()))) continue
    writeFileSync(`${file}.new`, JSON.stringify({ base, name }), { mode: 0o600 })
    renameSync(`${file}.new`, file)
    return agent
  }
  throw new Error(
    `${NAMES_MAX} agents are called ${base} and a number, and all of them are there. Give each server a --node-name of its own.`,
  )
}

function ensure(ctx: Context, { nodeName }: InsideAgentPlace, name: string): Promise<Agent | null> {
  const id = ctx.chance.id('agt')
  return ctx.store.agents.ensure({
    id,
    name,
    keyId: id,
    granted: {},
    projectIds: null,
    createdAt: ctx.clock.now(),
    hostname: nodeName,
    version: version.version,
  })
}

function readKept(file: string): { readonly base: string; readonly name: string } | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}
