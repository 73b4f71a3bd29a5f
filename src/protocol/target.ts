// What a run does, as it travels: exactly one of an HTTP call, a command, a script or a message.

import Type from 'typebox'
import { CommandTarget, ScriptTarget } from './command-target.ts'
import { MessageTarget } from './message-target.ts'
import { CallAuth, DurationText, Headers, SignRule, StatusPattern } from './scalars.ts'

export const BatchRule = Type.Object(
  {
    maxItems: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: 'Runs in one request. Default 1,000.' }),
    ),
    maxBytes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 16_777_216,
        description: 'Bytes of one request body. Default 1 MiB.',
      }),
    ),
    items: Type.Optional(
      Type.Enum(['run', 'body'], {
        description:
          'What stands in the array for each run: the run with the body below `body` (default), or the body alone.',
      }),
    ),
    indexHeader: Type.Optional(
      Type.String({ description: 'A header that says which of several requests this is, from 0.' }),
    ),
  },
  {
    title: 'BatchRule',
    additionalProperties: false,
    description:
      'Runs due together for the same endpoint leave as one POST of a JSON array. Each keeps its own ledger entry.',
  },
)

export const HttpTarget = Type.Object(
  {
    url: Type.String({
      description: 'Where to. http or https, without credentials.',
      examples: ['https://billing.example.com/close-day'],
    }),
    method: Type.Optional(
      Type.Enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'], {
        description: 'Default POST when there is a body or a batch, else GET.',
      }),
    ),
    headers: Type.Optional(Headers),
    body: Type.Optional(
      Type.Unknown({
        description:
          'Text goes out as it stands; any other JSON value goes out as JSON. Facts of the run are filled in: `{{run.id}}`, `{{run.dueAt}}`, `{{run.attemptCount}}`.',
      }),
    ),
    timeout: Type.Optional(
      Type.String({
        ...DurationText,
        description:
          'Deadline of one attempt, from connecting to the last byte read. Capped by policy.timeout.',
      }),
    ),
    acceptStatus: Type.Optional(
      Type.Array(StatusPattern, {
        minItems: 1,
        maxItems: 100,
        description: 'What counts as success. Default ["2xx"].',
      }),
    ),
    responseBytesMax: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_048_576,
        description: 'Bytes of the answer kept in the ledger. Default 16 KiB.',
      }),
    ),
    redirectsMax: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 5,
        description:
          'Redirects followed. Default 0: a redirect is an answer. Requests that hold a secret, or the token of their run, do not follow one to another origin.',
      }),
    ),
    sign: Type.Optional(SignRule),
    auth: Type.Optional(CallAuth),
    batch: Type.Optional(BatchRule),
    async: Type.Optional(
      Type.Boolean({
        description:
          'An answer of 202 means "begun": the run goes on until the receiver completes it with the Carillon-Run-Token of the request.',
      }),
    ),
  },
  {
    title: 'HttpTarget',
    additionalProperties: false,
    description:
      'An HTTP request. Every one carries Idempotency-Key, Carillon-Run-Id, Carillon-Attempt, Carillon-Due-At and Carillon-Fence.',
    examples: [{ url: 'https://billing.example.com/close-day', method: 'POST', body: { dryRun: false } }],
  },
)
export type HttpTarget = Type.Static<typeof HttpTarget>

export const Target = Type.Unsafe<TargetOf>(
  Type.Object(
    {
      http: Type.Optional(HttpTarget),
      command: Type.Optional(CommandTarget),
      script: Type.Optional(ScriptTarget),
      message: Type.Optional(MessageTarget),
    },
    {
      title: 'Target',
      additionalProperties: false,
      description: 'Exactly one of http, command, script and message.',
      examples: [
        { http: { url: 'https://example.com/ping' } },
        { command: { argv: ['backup', '--all'], on: { labels: { role: 'db' } } } },
      ],
    },
  ),
)
export type Target = TargetOf

type TargetOf =
  | { http: HttpTarget; command?: never; script?: never; message?: never }
  | { http?: never; command: CommandTarget; script?: never; message?: never }
  | { http?: never; command?: never; script: ScriptTarget; message?: never }
  | { http?: never; command?: never; script?: never; message: MessageTarget }
