// Nothing is here yet: ways to a first job that works.

import { useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import { Link, useLocation } from 'wouter-preact'
import type { JobDraft } from '../../../src/sdk/index.ts'
import { Glyph, type GlyphName } from '../parts/glyph.tsx'
import { Wrong } from '../parts/notice.tsx'
import { TextField } from '../parts/text-field.tsx'
import { carillon } from '../state/client.ts'
import { may, mayEverywhere } from '../state/visit.ts'

type Card = {
  readonly glyph: GlyphName
  readonly title: string
  readonly about: string
  /** Offered where an agent is there to carry it out. */
  readonly needsAgent?: true
  readonly draft: () => JobDraft
}

const CARDS: readonly Card[] = [
  {
    glyph: 'bell',
    title: 'Call a URL',
    about: 'Every 10 seconds, to this server itself: it rings at once, and you see a ledger fill.',
    draft: () => ({
      name: 'hello',
      schedule: { every: '10s' },
      target: { http: { url: `${location.origin}/livez` } },
    }),
  },
  {
    glyph: 'missed',
    title: 'See it fail well',
    about: 'Every minute, to an address that is not there: attempts, waits between them, and why.',
    draft: () => ({
      name: 'hello-failure',
      schedule: { cron: '* * * * *' },
      target: { http: { url: `${location.origin}/nothing-here` } },
      policy: { retry: { delays: ['2s', '5s'], nonRetryable: [] } },
    }),
  },
  {
    glyph: 'agents',
    title: 'Run a command',
    about:
      'Once a minute, on the agent of this machine: its exit code and what it wrote are kept with each run.',
    needsAgent: true,
    draft: () => ({
      name: 'hello-command',
      schedule: { every: '1m' },
      target: { command: { argv: ['uname', '-a'] } },
    }),
  },
  {
    glyph: 'pending',
    title: 'Every working day',
    about: 'At half past two in the morning where you are: see what the change of clocks does to it.',
    draft: () => ({
      name: 'nightly',
      schedule: {
        cron: '30 2 * * MON-FRI',
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
      },
      target: { http: { url: `${location.origin}/livez` } },
    }),
  },
]

export function FirstVisit() {
  const [, go] = useLocation()
  const [error, setError] = useState<unknown>(null)
  const agents = useQuery({
    queryKey: ['agents', 'live'],
    queryFn: async () =>
      (await carillon.agents.list({ limit: 100 })).items.some(({ status }) => status === 'live'),
    enabled: may('runs:read'),
  })
  const cards = CARDS.filter(({ needsAgent }) => needsAgent === undefined || agents.data === true)
  const make = async (draft: JobDraft): Promise<void> => {
    setError(null)
    try {
      go(`/jobs/${(await carillon.jobs.create(draft)).id}`)
    } catch (wrong) {
      setError(wrong)
    }
  }
  return (
    <div class="stack">
      <div class="about">
        <h1>Nothing rings yet.</h1>
        <p class="soft">
          A job says what to run, when, and under which rules. Take one of these, or write your own.
        </p>
      </div>
      <Wrong error={error} />
      {may('jobs:write') && (
        <>
          <div class="grid">
            {cards.map(({ glyph, title, about, draft }) => (
              <section key={title} class="panel first-card">
                <Glyph name={glyph} />
                <h2>{title}</h2>
                <p class="soft">{about}</p>
                <button type="button" class="button" onClick={() => void make(draft())}>
                  Make this job
                </button>
              </section>
            ))}
            <MessageCard onMake={make} />
          </div>
          <div class="row">
            <Link class="button primary" href="/jobs/new">
              <Glyph name="plus" />
              Write a job
            </Link>
            <Link class="button" href="/import">
              <Glyph name="import" />
              Import a crontab
            </Link>
          </div>
        </>
      )}
    </div>
  )
}

/** Only a queue that is there takes a message, so this one asks for its name. */
function MessageCard({ onMake }: { readonly onMake: (draft: JobDraft) => Promise<void> }) {
  const [queue, setQueue] = useState('')
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: () => carillon.settings.read(),
    enabled: mayEverywhere('admin'),
  })
  const bus = settings.data?.settings.find(({ option }) => option === 'bus')
  const make = (event: Event): void => {
    event.preventDefault()
    void onMake({
      name: 'hello-message',
      schedule: { every: '10s' },
      target: { message: { queue, body: { hello: 'from Carillon', due: '{{run.dueAt}}' } } },
    })
  }
  return (
    <form class="panel first-card" onSubmit={make}>
      <Glyph name="callbacks" />
      <h2>Send a message</h2>
      <p class="soft">
        Every 10 seconds, to a queue of your RabbitMQ, confirmed by it.
        {bus !== undefined && bus.value === null && (
          <>
            {' '}
            This server has no bus yet: start it with <code>--bus amqp://…</code>
          </>
        )}
      </p>
      <TextField
        label="Queue"
        hint="One that is there."
        class="mono"
        required
        spellcheck={false}
        value={queue}
        onText={setQueue}
      />
      <button type="submit" class="button">
        Make this job
      </button>
    </form>
  )
}
