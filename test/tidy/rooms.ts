// Who may import whom. The table is the one of ARCHITECTURE.md; a test holds the two against each other.
// Imports of types count: a room that can name a thing can come to lean on it.

import { isTest, type Source, sourcesOf } from './sources.ts'
import type { Rule, TreeFile, Violation } from './violation.ts'

type Room = {
  /** Height in the house: a room stands only on lower ones. */
  readonly height: number
  readonly rooms: readonly string[]
  /** Packages and parts of Node; `node:*` is all of Node. */
  readonly packages: readonly string[]
}

export const ROOMS: Readonly<Record<string, Room>> = {
  domain: { height: 1, rooms: [], packages: ['cronstrue'] },
  protocol: { height: 1, rooms: [], packages: ['typebox', '@bufbuild/protobuf'] },
  ports: { height: 2, rooms: ['domain'], packages: [] },
  sdk: { height: 2, rooms: ['protocol'], packages: ['amqplib'] },
  commands: {
    height: 3,
    rooms: ['domain', 'ports'],
    packages: ['node:crypto', 'node:util', 'node:zlib'],
  },
  dispatch: { height: 3, rooms: ['domain', 'ports'], packages: ['undici', 'node:*'] },
  adapters: {
    height: 3,
    rooms: ['domain', 'ports'],
    packages: ['amqplib', 'aws4fetch', 'jose', 'openid-client', 'pg', 'node:*'],
  },
  engine: { height: 4, rooms: ['domain', 'ports', 'commands'], packages: [] },
  doors: {
    height: 4,
    rooms: ['domain', 'commands', 'protocol'],
    packages: [
      'fastify',
      '@fastify/rate-limit',
      '@fastify/swagger',
      '@bufbuild/protobuf',
      'typebox',
      'node:*',
    ],
  },
  agent: { height: 4, rooms: ['domain', 'ports', 'dispatch', 'sdk', 'protocol'], packages: ['node:*'] },
  main: {
    height: 5,
    rooms: [
      'domain',
      'protocol',
      'ports',
      'sdk',
      'commands',
      'dispatch',
      'adapters',
      'engine',
      'doors',
      'agent',
    ],
    packages: ['fastify', 'pino', 'prom-client', '@opentelemetry/api', 'yaml', 'node:*'],
  },
  cli: {
    height: 6,
    rooms: ['sdk', 'protocol', 'main'],
    packages: ['commander', '@clack/prompts', 'openid-client', 'node:*'],
  },
  ui: {
    height: 3,
    rooms: ['protocol', 'sdk'],
    packages: ['preact', '@preact/signals', 'wouter-preact', '@tanstack/preact-query', 'uplot', 'yaml'],
  },
}

/** One runner for all: it must not know where its work comes from or how it is carried out. */
const NARROWER: Readonly<Record<string, readonly string[]>> = {
  'src/agent/runner.ts': ['domain', 'ports'],
}

const NAME = 'rooms'

export const roomRule: Rule = {
  name: NAME,
  check: (files: readonly TreeFile[]) =>
    sourcesOf(files, /^(?:src|ui\/src)\//).flatMap((source) => [...placed(source), ...imported(source)]),
}

function placed(source: Source): Violation[] {
  if (roomOf(source.path) in ROOMS) return []
  const message = `is in no room. Rooms: ${Object.keys(ROOMS)
    .map((room) => (room === 'ui' ? room : `src/${room}`))
    .join(', ')}.`
  return [{ path: source.path, line: 1, rule: NAME, message }]
}

function imported(source: Source): Violation[] {
  const room = ROOMS[roomOf(source.path)]
  if (room === undefined) return []
  return source.imports.flatMap(({ line, target }) => {
    const message =
      target.kind === 'file'
        ? refusedFile(source.path, target.path)
        : refusedPackage(source.path, target.name)
    return message === null ? [] : [{ path: source.path, line, rule: NAME, message }]
  })
}

function refusedFile(from: string, to: string): string | null {
  if (to === 'package.json' && roomOf(from) === 'main') return null
  if (!to.startsWith('src/') && roomOf(to) !== 'ui') {
    return isTest(from) && to.startsWith('test/') ? null : `imports ${to}, which is not part of the product.`
  }
  const mine = roomOf(from)
  const other = roomOf(to)
  if (mine === other) return refusedNeighbour(from, to)
  const allowed = NARROWER[from] ?? ROOMS[mine]!.rooms
  if (allowed.includes(other)) return null
  const list = allowed.length === 0 ? 'nothing' : allowed.join(', ')
  return `${NARROWER[from] === undefined ? mine : from} may import ${list}, not ${other} (${to}). Move the code to the room that needs it, or pass it in from main.`
}

function refusedNeighbour(from: string, to: string): string | null {
  if (roomOf(from) === 'adapters' && technologyOf(from) !== technologyOf(to)) {
    return `the adapter ${technologyOf(from)} imports ${technologyOf(to)} (${to}). One technology never needs another: what both need is a port, or belongs below.`
  }
  const mine = doorOf(from)
  const other = doorOf(to)
  if (mine?.startsWith('compat/') && other !== null && mine !== other) {
    return `the compat door ${mine} imports the door ${other} (${to}). What two doors need belongs into a command.`
  }
  return null
}

function refusedPackage(from: string, name: string): string | null {
  const { packages } = ROOMS[roomOf(from)]!
  if (isTest(from) || packages.includes(name)) return null
  if (name.startsWith('node:') && packages.includes('node:*')) return null
  const list = packages.length === 0 ? 'no package' : packages.join(', ')
  return `${roomOf(from)} may import ${list}, not ${name}. Ask for it through a port, or do it in the room that has it.`
}

/** The page lies outside src: it has a build of its own. */
export function roomOf(path: string): string {
  if (path.startsWith('ui/src/')) return 'ui'
  return path.split('/').length > 2 ? path.split('/')[1]! : ''
}

function technologyOf(path: string): string {
  return path.split('/').length > 3 ? path.split('/')[2]! : ''
}

/** Which way in a file belongs to; null: shared by all doors. */
function doorOf(path: string): string | null {
  const compat = /^src\/doors\/(compat\/[^/]+)\//.exec(path)
  if (compat !== null) return compat[1]!
  return /^src\/doors\/(rest|web|grpc)\//.exec(path)?.[1] ?? null
}
