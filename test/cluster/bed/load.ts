// The jobs of a cluster under test: of each rule of the product at least one, some that ring in the very second a
// fault begins, some that are long under way when it does.

import type { JobDraft } from '../../../src/sdk/index.ts'

const CATCH_UPS = ['none', 'latest', 'all'] as const
/** Changed by clients while they ring. */
export const RESTLESS = ['restless-0', 'restless-1', 'restless-2', 'restless-3', 'restless-4']
export const BY_HAND = 'by-hand'
export const SHORT_LIVED = 'short-lived'

export function loadOf(sink: string): JobDraft[] {
  const ring = (name: string, ms: number, how = '') => ({ http: { url: `${sink}/ring/${name}/${ms}${how}` } })
  return [
    ...times(9, (n) => ({
      name: `second-${n}`,
      schedule: { every: '1s', anchor: new Date(n * 97).toISOString() },
      target: ring(`second-${n}`, (n % 4) * 50),
      policy: { overlap: 'allow', catchUp: CATCH_UPS[n % 3]! },
    })),
    ...times(4, (n) => ({
      name: `seldom-${n}`,
      schedule: { every: '5s', anchor: new Date(n * 1_250).toISOString() },
      target: ring(`seldom-${n}`, 0),
    })),
    ...times(4, (n) => ({
      name: `long-${n}`,
      schedule: { every: '6s', anchor: new Date(n * 1_500).toISOString() },
      target: ring(`long-${n}`, 4_000),
      policy: { catchUp: CATCH_UPS[n % 3]! },
    })),
    ...times(2, (n) => ({
      name: `queued-${n}`,
      schedule: { every: '1s' },
      target: ring(`queued-${n}`, 300),
      policy: { overlap: 'queue', catchUp: 'all' },
    })),
    ...times(3, (n) => ({
      name: `once-${n}`,
      schedule: { every: '2s', anchor: new Date(n * 600).toISOString() },
      target: ring(`once-${n}`, 700),
      policy: { overlap: 'allow', delivery: 'at_most_once', catchUp: CATCH_UPS[n % 3]! },
    })),
    ...times(2, (n) => ({
      name: `flaky-${n}`,
      schedule: { every: '3s' },
      target: ring(`flaky-${n}`, 20, '/flaky'),
      policy: { overlap: 'allow', retry: { delays: ['300ms', '300ms'] } },
    })),
    {
      name: 'cron-utc',
      schedule: { cron: '*/2 * * * * *' },
      target: ring('cron-utc', 10),
      policy: { overlap: 'allow' },
    },
    {
      name: 'cron-berlin',
      schedule: { cron: '1/3 * * * * *', timezone: 'Europe/Berlin' },
      target: ring('cron-berlin', 10),
      policy: { overlap: 'allow' },
    },
    ...times(3, (n) => ({
      name: `told-${n}`,
      schedule: { every: '2s' },
      target: ring(`told-${n}`, 50),
      policy: { overlap: 'allow' },
      callback: { url: `${sink}/told/told-${n}${n === 1 ? '/deaf' : ''}`, retryDelays: TELL_DELAYS },
    })),
    ...RESTLESS.map(
      (name): JobDraft => ({
        name,
        schedule: { every: '1s' },
        target: ring(name, 20),
        policy: { overlap: 'allow' },
      }),
    ),
    {
      name: SHORT_LIVED,
      schedule: { every: '1s' },
      target: ring(SHORT_LIVED, 2_500),
      policy: { overlap: 'allow', keep: { last: 1 } },
      callback: { url: `${sink}/told/${SHORT_LIVED}`, retryDelays: TELL_DELAYS },
    },
    { name: BY_HAND, schedule: {}, target: ring(BY_HAND, 30), policy: { overlap: 'allow' } },
  ]
}

const TELL_DELAYS = ['200ms', '1s', '1s', '2s', '5s']

function times(count: number, make: (n: number) => JobDraft): JobDraft[] {
  return Array.from({ length: count }, (_, n) => make(n))
}
