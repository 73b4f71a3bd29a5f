// The small words every message is made of: instants, durations, ids, labels.

import Type, { type TSchema } from 'typebox'

/** What a reply says of something that is not there: null, never a missing key. */
export const Nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()])

export const Instant = Type.String({
  format: 'date-time',
  description: 'An instant, RFC 3339 in UTC with milliseconds.',
  examples: ['2027-01-01T00:00:00.000Z'],
})

/** In requests any RFC 3339 offset may stand. */
export const InstantInput = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'An instant, RFC 3339 with an offset or Z.',
  examples: ['2027-01-01T00:00:00Z'],
})

export const DurationText = Type.String({
  minLength: 1,
  maxLength: 40,
  description:
    'A duration: "500ms", "30s", "1m30s", "2h", "7d", or ISO 8601 ("PT30S"). Months and years have no fixed length and are refused.',
  examples: ['30s'],
})

export const Id = Type.String({
  description: 'A prefixed, sortable id.',
  examples: ['job_01JGFJJZ00AZ5V9W7Q3K4M6N8P'],
})

export const Labels = Type.Record(Type.String(), Type.String(), {
  description: 'Up to 50 words of your own to find jobs by: name → value.',
  examples: [{ team: 'billing' }],
})

/** Names and values of HTTP headers. */
export const Headers = Type.Record(Type.String(), Type.String(), {
  description: 'HTTP headers: name → value.',
  examples: [{ 'X-Team': 'billing' }],
})

export const StatusPattern = Type.Union(
  [Type.Integer({ minimum: 100, maximum: 599 }), Type.String({ maxLength: 16 })],
  {
    description: 'An HTTP status: a number (204), a class ("2xx") or a range ("200-204").',
    examples: ['2xx'],
  },
)

export const CallAuth = Type.Object(
  {
    oidc: Type.Object(
      {
        audience: Type.String({
          minLength: 1,
          maxLength: 500,
          description: 'Whom the token is for, as the receiver expects it in `aud`.',
          examples: ['https://billing.example.com'],
        }),
      },
      { additionalProperties: false },
    ),
  },
  {
    title: 'CallAuth',
    additionalProperties: false,
    description:
      'Shows, as `Authorization: Bearer`, a token made for this very call, signed by this server, whose keys are at /.well-known/jwks.json.',
    examples: [{ oidc: { audience: 'https://billing.example.com' } }],
  },
)

export const SignRule = Type.Object(
  {
    secrets: Type.Array(
      Type.String({ pattern: '^\\{\\{\\s*secret\\.[A-Za-z][A-Za-z0-9_]{0,63}\\s*\\}\\}$' }),
      {
        minItems: 1,
        maxItems: 4,
        description: 'Secrets to sign with, as {{secret.name}}; two while one takes the place of the other.',
      },
    ),
  },
  {
    title: 'SignRule',
    additionalProperties: false,
    description:
      'Signs by the Standard Webhooks specification: a secret "whsec_…" makes a signature v1, "whsk_…" one of v1a.',
    examples: [{ secrets: ['{{secret.hook}}'] }],
  },
)
