// The schema that the migrations make is the one that is written down, nodes that start together make it once, and a
// move leaves nothing of it out.

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { COPIED_TABLES } from '../../src/ports/store-copy.ts'
import { seededChance } from '../contracts/world.ts'
import { PostgresServer } from '../support/postgres-server.ts'
import { onStoryTime } from '../support/postgres-store.ts'

const COPY = new URL('./schema.sql', import.meta.url)

const server = await PostgresServer.start()
after(() => server[Symbol.asyncDispose]())

/** Kept by each store for itself. */
const NOT_MOVED = ['migrations', 'upkeep']
const NOT_MOVED_COLUMNS = ['once.asked']

const TABLES = `SELECT c.oid, c.relname AS name FROM pg_class c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 2`

async function fresh(): Promise<{ url: string; database: string }> {
  const url = await server.database()
  return { url, database: new URL(url).pathname.slice(1) }
}

async function textOf(database: string): Promise<string> {
  const rows = async (sql: string): Promise<string[]> =>
    ((await server.query(sql, database)) as { line: string }[]).map(({ line }) => line)
  const columns = await rows(
    `SELECT t.name || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END AS line
     FROM (${TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid WHERE a.attnum > 0 AND NOT a.attisdropped
     ORDER BY t.name, a.attnum`,
  )
  const constraints = await rows(
    `SELECT t.name || ': ' || pg_get_constraintdef(k.oid) AS line
     FROM (${TABLES}) t JOIN pg_constraint k ON k.conrelid = t.oid WHERE k.contype <> 'n' ORDER BY 1`,
  )
  const indexes = await rows(
    `SELECT pg_get_indexdef(i.indexrelid) AS line FROM (${TABLES}) t JOIN pg_index i ON i.indrelid = t.oid ORDER BY 1`,
  )
  const triggers = await rows(
    `SELECT pg_get_triggerdef(g.oid) AS line FROM (${TABLES}) t JOIN pg_trigger g ON g.tgrelid = t.oid
     WHERE NOT g.tgisinternal ORDER BY 1`,
  )
  return `${[columns, constraints, indexes, triggers].map((lines) => lines.join('\n')).join('\n\n')}\n`
}

test('the migrations make the schema that is written down', async () => {
  const { url, database } = await fresh()
  await (await onStoryTime(url, seededChance()))[Symbol.asyncDispose]()
  const schema = await textOf(database)
  if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(COPY, schema)
  assert.equal(schema, readFileSync(COPY, 'utf8'), 'UPDATE_SCHEMA=1 writes it down anew')
})

test('nodes that start together on an empty database wait for each other', async () => {
  const { url, database } = await fresh()
  const stores = await Promise.all(Array.from({ length: 6 }, (_, n) => onStoryTime(url, seededChance(n + 1))))
  for (const store of stores) {
    await store.housekeeping.ping()
    await store[Symbol.asyncDispose]()
  }
  const [{ applied }] = (await server.query(
    'SELECT count(*)::integer AS applied FROM migrations',
    database,
  )) as [{ applied: number }]
  assert.ok(applied > 0)
})

test('a changed migration is refused', async () => {
  const { url, database } = await fresh()
  await (await onStoryTime(url, seededChance()))[Symbol.asyncDispose]()
  await server.query("UPDATE migrations SET sha256 = 'other' WHERE number = 1", database)
  await assert.rejects(onStoryTime(url, seededChance()), /0001_ledger\.sql differs .* Reinstall/)
})

test('a move takes every column of every table along', async () => {
  const { url, database } = await fresh()
  await (await onStoryTime(url, seededChance()))[Symbol.asyncDispose]()
  const there = (await server.query(
    `SELECT t.name || '.' || a.attname AS column FROM (${TABLES}) t JOIN pg_attribute a ON a.attrelid = t.oid
     WHERE a.attnum > 0 AND NOT a.attisdropped`,
    database,
  )) as { column: string }[]
  const moved = COPIED_TABLES.flatMap(({ name, columns }) => columns.map(([column]) => `${name}.${column}`))
  const wanted = there
    .map(({ column }) => column)
    .filter((column) => !NOT_MOVED.includes(column.split('.')[0]!) && !NOT_MOVED_COLUMNS.includes(column))
  assert.deepEqual(moved.toSorted(), wanted.toSorted())
})
