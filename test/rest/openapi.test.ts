// The OpenAPI document describes what is there, all of it and nothing else, and its examples are true.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { SCOPES as SCOPES_INSIDE } from '../../src/domain/api-key.ts'
import { ERROR_CODES } from '../../src/domain/errors.ts'
import { REASONS as REASONS_INSIDE, RUN_STATUSES as RUN_STATUSES_INSIDE } from '../../src/domain/run.ts'
import { PROBLEM_STATUS } from '../../src/doors/http/problem-status.ts'
import { PROBLEM_CODES } from '../../src/protocol/problem.ts'
import * as protocol from '../../src/protocol/run.ts'
import { SCOPES } from '../../src/protocol/scopes.ts'
import { type House, openHouse } from './house.ts'

type Json = Record<string, unknown>
type Media = { schema: Json; examples?: Record<string, { value?: unknown; $ref?: string }> }
type Operation = {
  operationId: string
  summary: string
  tags: string[]
  security: Json[]
  parameters: { name: string; in: string; required?: boolean; description?: string; schema: Json }[]
  requestBody?: { required: boolean; content: Record<string, Media> }
  responses: Record<string, { description: string; content?: Record<string, Media> }>
}

let house: House
let document: Json & {
  paths: Record<string, Record<string, Operation>>
  components: Record<string, Record<string, Json>>
}
const operations = (): [string, string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
      method.toUpperCase(),
      path,
      operation,
    ]),
  )

before(async () => {
  house = await openHouse()
  const reply = await house.ask('GET', '/openapi.json', { key: null })
  assert.equal(reply.status, 200)
  document = reply.body as typeof document
})
after(() => house[Symbol.asyncDispose]())

/** References replaced by what they name, so that a schema can be compiled as it stands. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved)
  if (typeof value !== 'object' || value === null) return value
  const { $ref } = value as { $ref?: string }
  if ($ref !== undefined) return resolved(named($ref))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]))
}

function named(reference: string): unknown {
  const parts = reference.replace(/^#\//, '').split('/')
  const found = parts.reduce<unknown>((at, part) => (at as Json | undefined)?.[part], document)
  assert.ok(found !== undefined, `${reference} leads nowhere`)
  return found
}

test('it is OpenAPI 3.1', () => {
  assert.match(String(document.openapi), /^3\.1\.\d+$/)
  assert.equal((document.info as Json).version, '9.9.9')
})

test('every reference leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)]
  assert.ok(references.length > 100)
  for (const [, reference] of references) named(reference!)
})

test('every route is described, and everything described is a route', () => {
  const described = operations().map(([method, path]) => `${method} ${path}`)
  const routes = new Set<string>()
  const path: string[] = []
  for (const line of house.app.printRoutes({ commonPrefix: false }).split('\n')) {
    const match = /^([│ ]*)(?:├── |└── )(\S+)(?: \(([A-Z, ]+)\))?$/.exec(line)
    if (match === null) continue
    path.length = match[1]!.length / 4
    path.push(match[2]!)
    for (const method of match[3]?.split(', ') ?? []) {
      routes.add(`${method} ${path.join('').replace(/:(\w+)/g, '{$1}')}`)
    }
  }
  assert.ok(routes.size > 30, house.app.printRoutes({ commonPrefix: false }))
  const hidden = /^GET \/(?:docs|openapi\.json)/
  const contract = [...routes].filter((route) => !route.startsWith('HEAD ') && !hidden.test(route))
  assert.deepEqual(contract.sort(), described.sort())
})

test('every operation has a name of its own, a summary, known tags and its parameters', () => {
  const names = operations().map(([, , { operationId }]) => operationId)
  assert.equal(new Set(names).size, names.length)
  const tags = (document.tags as { name: string }[]).map(({ name }) => name)
  for (const [, path, operation] of operations()) {
    assert.match(operation.operationId, /^[a-z][A-Za-z]+$/)
    assert.ok(operation.summary.length > 5 && operation.tags.every((tag) => tags.includes(tag)), path)
    const inPath = operation.parameters.filter((parameter) => parameter.in === 'path')
    assert.deepEqual(
      inPath.map(({ name }) => `{${name}}`),
      path.match(/\{\w+\}/g) ?? [],
    )
    for (const parameter of operation.parameters)
      assert.ok(parameter.description, `${path} ${parameter.name}`)
  }
})

test('every operation tells its refusals as problem documents', () => {
  for (const [method, path, { responses, security, requestBody }] of operations()) {
    const where = `${method} ${path}`
    assert.ok(
      Object.keys(responses).some((status) => /^[23]/.test(status)),
      where,
    )
    const refusals = Object.entries(responses).filter(([status]) => Number(status) >= 400 && status !== '503')
    for (const [status, { content }] of refusals) {
      assert.deepEqual(Object.keys(content ?? {}), ['application/problem+json'], `${where} ${status}`)
    }
    if (security.length > 0)
      assert.ok(responses['401'] !== undefined && responses['429'] !== undefined, where)
    if (requestBody !== undefined)
      for (const status of ['400', '413', '415', '422']) assert.ok(responses[status], `${where} ${status}`)
    if (path.includes('{')) assert.ok(responses['404'], where)
  }
})

test('every body, both ways, has examples that fit its schema', () => {
  let checked = 0
  for (const [method, path, operation] of operations()) {
    const bodies = [
      operation.requestBody?.content,
      ...Object.values(operation.responses).map(({ content }) => content),
    ]
    for (const [type, media] of bodies.flatMap((content) => Object.entries(content ?? {}))) {
      if (!type.includes('json') && type !== 'text/event-stream') continue
      const schema = Compile(resolved(media.schema) as TSchema)
      const examples = Object.entries(media.examples ?? {})
      assert.ok(examples.length > 0, `${method} ${path} ${type} has no example`)
      for (const [name, example] of examples) {
        const { value } = (example.$ref === undefined ? example : named(example.$ref)) as { value: unknown }
        assert.ok(
          schema.Check(value),
          `${method} ${path} ${type} ${name}: ${JSON.stringify(schema.Errors(value))}`,
        )
        checked += 1
      }
    }
  }
  assert.ok(checked > 200, `${checked}`)
})

test('an example of a request is accepted', async () => {
  for (const [, path, { requestBody }] of operations()) {
    if (!['/v1/jobs', '/v1/jobs/check', '/v1/schedules/preview', '/v1/jobs/batch'].includes(path)) continue
    for (const { value } of Object.values(requestBody?.content['application/json']?.examples ?? {})) {
      const reply = await house.ask('POST', path, { body: value })
      assert.ok(reply.status === 201 || reply.status === 200, `${path}: ${reply.text}`)
    }
  }
})

test('schemas refuse what they do not know', () => {
  for (const [name, schema] of Object.entries(document.components.schemas!)) {
    if (!/(?:Draft|Request|Rotation|Patch)$/.test(name) || name === 'JobPatch') continue
    assert.equal(schema.additionalProperties, false, name)
  }
})

test('the words of the wire are the words inside', () => {
  assert.deepEqual(protocol.RUN_STATUSES, RUN_STATUSES_INSIDE)
  assert.deepEqual(protocol.REASONS, REASONS_INSIDE)
  assert.deepEqual(SCOPES, SCOPES_INSIDE)
  assert.deepEqual(Object.keys(PROBLEM_STATUS).sort(), [...PROBLEM_CODES].sort())
  for (const code of ERROR_CODES) assert.ok((PROBLEM_CODES as readonly string[]).includes(code), code)
})

test('a route that does not say who may come does not start', async () => {
  const { createHttpServer } = await import('../../src/doors/http/http-server.ts')
  const { REST_LIMITS } = await import('../../src/doors/http/limits.ts')
  const app = createHttpServer({
    ctx: house.ctx,
    limits: REST_LIMITS,
    logger: { error() {}, debug() {} },
    places: [],
  })
  assert.throws(() => app.get('/back-door', () => 'come in'), /back-door states no action/)
})
