// The OpenAPI 3.1 document, made from the endpoints themselves: what validates is what is documented.

import { ruleOf } from '../../../domain/actions.ts'
import type { Endpoint, ReplyDescription } from '../../http/endpoint.ts'
import { Components } from './components.ts'
import { exampleOf } from './example-of.ts'
import { parametersOf } from './parameters.ts'
import { problemReplies, REQUEST_ID } from './problem-replies.ts'

export type OpenApiDocument = {
  readonly openapi: string
  readonly info: Readonly<Record<string, unknown>>
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>
    readonly examples: Readonly<Record<string, unknown>>
    readonly securitySchemes: object
  }
  readonly [key: string]: unknown
}

const TAGS: readonly (readonly [string, string])[] = [
  ['Jobs', 'What to run, when, under which rules.'],
  ['Overview', 'The last day and the next week, at a glance.'],
  ['Runs', 'Owed executions, and how they went.'],
  ['Logs', 'What processes wrote.'],
  ['Scripts', 'What is uploaded once and run by agents.'],
  ['Secrets', 'What jobs may use and nobody may read.'],
  ['Ledger', 'What became of every due instant, and why.'],
  ['Logs', 'What processes wrote.'],
  ['Schedules', 'When something is due, before any job has it.'],
  ['Callbacks', 'Who was told, and dead letters.'],
  ['Events', 'What happens now.'],
  ['Agents', 'Who carries out commands and scripts, and how they are told.'],
  ['Run protocol', 'How the receiver of an asynchronous call tells of its run and ends it.'],
  ['Projects', 'Namespaces.'],
  ['Keys', 'Who may come in.'],
  ['Audit', 'Who changed what.'],
  ['Nodes', 'The servers that share one store.'],
  ['Visit', 'Who is asking, and signing in at the page.'],
  ['Tokens', 'What receivers check the tokens of our calls with.'],
  ['Health', 'How the server is.'],
]

const DESCRIPTION = `Schedules HTTP calls and keeps a ledger in which every due instant has exactly one entry.

**Conventions.** JSON in camelCase. Instants are RFC 3339 in UTC with milliseconds, durations are text ("30s", "PT30S"),
what is absent is null. Unknown fields are refused. Lists answer \`{items, nextCursor}\`; send \`nextCursor\` back as
\`cursor\`. Every reply carries X-Request-Id.

**Versions.** ETag is the version of what was read. Send it as If-Match to change only that version (else 412).

**Repeats.** A POST that takes an Idempotency-Key may be sent again with the same key: it is carried out once, and the
repeat is answered alike with \`Idempotency-Replayed: true\`.

**Errors.** RFC 9457, \`application/problem+json\`: \`code\` for programs, \`detail\` for people, and in \`errors\` every
single problem with a JSON Pointer.`

export function openApiDocument(endpoints: readonly Endpoint[], version: string): OpenApiDocument {
  const components = new Components()
  const paths: Record<string, Record<string, unknown>> = {}
  for (const endpoint of endpoints.filter(({ hidden }) => hidden !== true)) {
    const others = paths[endpoint.path] ?? {}
    paths[endpoint.path] = { ...others, [endpoint.method.toLowerCase()]: operation(endpoint, components) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Carillon',
      version,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: TAGS.map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: components.schemas,
      examples: components.examples,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: '`Authorization: Bearer <key>`' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  }
}

function operation(endpoint: Endpoint, components: Components): object {
  const { operationId, tag, summary, description, action, body } = endpoint
  const { needs, everywhere } = ruleOf(action)
  const scope =
    needs === 'open' || needs === 'any_key'
      ? ''
      : `Needs the scope \`${needs}\`${everywhere ? ', for all projects' : ''}.`
  return {
    operationId,
    tags: [tag],
    summary,
    description: [description, scope].filter((text) => text !== undefined && text !== '').join('\n\n'),
    security: needs === 'open' ? [] : [{ bearer: [] }, { apiKey: [] }],
    parameters: parametersOf(endpoint),
    ...(body === undefined ? {} : { requestBody: requestBody(body, components) }),
    responses: {
      ...Object.fromEntries(
        Object.entries(endpoint.replies).map(([status, reply]) => [
          status,
          success(endpoint, reply, components),
        ]),
      ),
      ...without(problemReplies(endpoint, components), Object.keys(endpoint.replies)),
    },
  }
}

function requestBody(body: NonNullable<Endpoint['body']>, components: Components): object {
  if (body.binary !== undefined) {
    const bytes = { schema: { type: 'string', format: 'binary' } }
    return { required: true, content: { 'application/octet-stream': bytes } }
  }
  const content = { schema: components.refer(body.schema), examples: examplesOf(body.schema) }
  const types = body.mergePatch ? ['application/merge-patch+json', 'application/json'] : ['application/json']
  return {
    required: body.optional !== true,
    content: Object.fromEntries(types.map((type) => [type, content])),
  }
}

function success(endpoint: Endpoint, reply: ReplyDescription, components: Components): object {
  const replayed = endpoint.repeatable
    ? { 'Idempotency-Replayed': '`true` when this repeats an earlier answer.' }
    : {}
  const named = Object.entries({ ...reply.headers, ...replayed })
  const headers = Object.fromEntries(
    named.map(([name, text]) => [name, { description: text, schema: { type: 'string' } }]),
  )
  return {
    description: reply.description,
    headers: { 'X-Request-Id': REQUEST_ID, ...headers },
    ...content(reply, components),
  }
}

function content(
  { schema, contentType = 'application/json' }: ReplyDescription,
  components: Components,
): object {
  if (schema === undefined) {
    return contentType === 'application/json'
      ? {}
      : { content: { [contentType]: { schema: { type: 'string' } } } }
  }
  const media = { schema: components.refer(schema), examples: examplesOf(schema) }
  return { content: { [contentType]: media } }
}

function examplesOf(schema: NonNullable<ReplyDescription['schema']>): object {
  const given = (schema as { examples?: readonly unknown[] }).examples ?? [exampleOf(schema)]
  return Object.fromEntries(given.map((value, n) => [`example${n + 1}`, { value }]))
}

/** Where a success and a refusal share a status, the success says what it looks like. */
function without(replies: Record<string, unknown>, statuses: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(replies).filter(([status]) => !statuses.includes(status)))
}
