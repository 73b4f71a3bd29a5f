// Who carries out commands and scripts, and the servers that share this store.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import type { Agent, Node } from '../../../src/sdk/index.ts'
import { AGENT_COLUMNS, NODE_COLUMNS } from '../export/columns.ts'
import { ExportPick } from '../export/export-pick.tsx'
import { Answer, Empty } from '../parts/answer.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Glyph } from '../parts/glyph.tsx'
import { ListTable } from '../parts/list-table.tsx'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { Sign, type SignOf } from '../parts/status.tsx'
import { TextField } from '../parts/text-field.tsx'
import { say, sayWrong } from '../parts/toasts.tsx'
import { carillon } from '../state/client.ts'
import { queries } from '../state/queries.ts'
import { useTitle } from '../state/use-title.ts'
import { may, mayEverywhere } from '../state/visit.ts'
import { durationText } from '../time/format.ts'
import { TimeText } from '../time/time-text.tsx'
import { JoinTokens } from './agents/join-tokens.tsx'

const PACE_MS = 5_000

const AGENT_SIGNS: Readonly<Record<Agent['status'], SignOf>> = {
  live: ['ok', 'succeeded'],
  draining: ['warn', 'paused'],
  away: ['bad', 'missed'],
}

const NODE_SIGNS: Readonly<Record<Node['status'], SignOf>> = {
  live: ['ok', 'succeeded'],
  draining: ['warn', 'paused'],
  silent: ['bad', 'missed'],
  left: ['calm', 'finished'],
  lapsed: ['odd', 'unknown'],
  replaced: ['calm', 'skipped'],
}

export function AgentsView() {
  const [adding, setAdding] = useState(false)
  // Which servers there are is told to whoever governs all of it.
  const governs = mayEverywhere('admin')
  useTitle('Agents and nodes')
  const agents = useQuery({
    queryKey: ['agents'],
    queryFn: () => carillon.agents.list({ limit: 500 }),
    placeholderData: keepPreviousData,
    refetchInterval: PACE_MS,
  })
  const nodes = useQuery({
    queryKey: ['nodes'],
    queryFn: () => carillon.nodes.list(),
    enabled: governs,
    placeholderData: keepPreviousData,
    refetchInterval: PACE_MS,
  })
  return (
    <div class="stack">
      <div class="page-head">
        <h1>Agents and nodes</h1>
        {may('admin') && (
          <button type="button" class="button primary" onClick={() => setAdding(true)}>
            <Glyph name="plus" />
            Add an agent
          </button>
        )}
      </div>
      <Answer of={agents}>
        {({ items }) => (
          <Panel
            title="Agents"
            flush
            aside={<span class="soft small">they carry out commands and scripts</span>}
            footer={<ExportPick name="agents" rows={items} columns={AGENT_COLUMNS} />}
          >
            {items.length === 0 ? (
              <Empty>
                <p>No agent yet. HTTP calls need none; commands and scripts do.</p>
              </Empty>
            ) : (
              <AgentTable agents={items} />
            )}
          </Panel>
        )}
      </Answer>
      {may('admin') && <JoinTokens />}
      {governs && (
        <Answer of={nodes}>
          {({ items }) => (
            <Panel
              title="Nodes"
              flush
              aside={<span class="soft small">the servers that share this store</span>}
              footer={<ExportPick name="nodes" rows={items} columns={NODE_COLUMNS} />}
            >
              <NodeTable nodes={items} />
            </Panel>
          )}
        </Answer>
      )}
      {adding && <AddAgent onClose={() => setAdding(false)} />}
    </div>
  )
}

async function act(what: Promise<unknown>, done: string): Promise<void> {
  try {
    await what
    say(done)
  } catch (error) {
    sayWrong(error)
  }
  await Promise.all(
    ['agents', 'nodes', 'tokens'].map((topic) => queries.invalidateQueries({ queryKey: [topic] })),
  )
}

function AgentTable({ agents }: { readonly agents: readonly Agent[] }) {
  const [removing, setRemoving] = useState<Agent | null>(null)
  return (
    <>
      <ListTable head={['Name', 'Status', 'Labels', 'At once', 'Last heard of']} acts>
        {agents.map((agent) => (
          <tr key={agent.id} data-row>
            <td class="name">
              {agent.name}
              <div class="soft small">
                {agent.hostname}, {agent.version}
              </div>
            </td>
            <td>
              <Sign of={AGENT_SIGNS[agent.status]}>{agent.status}</Sign>
            </td>
            <td>
              <span class="row">
                {Object.entries(agent.labels).map(([name, value]) => (
                  <span key={name} class="chip">
                    {name}={value}
                  </span>
                ))}
              </span>
            </td>
            <td class="number" data-title="at once">
              {agent.slots}
            </td>
            <td data-title="heard of">
              <TimeText at={agent.seenAt} none="never" />
            </td>
            <td class="actions">
              {may('admin') && (
                <>
                  <button
                    type="button"
                    class="button small"
                    onClick={() => {
                      const drain = agent.status !== 'draining'
                      const done = drain
                        ? `${agent.name} takes nothing new.`
                        : `${agent.name} takes work again.`
                      void act(carillon.agents.drain(agent.id, drain), done)
                    }}
                  >
                    {agent.status === 'draining' ? 'Take work again' : 'Drain'}
                  </button>{' '}
                  <button type="button" class="button small danger" onClick={() => setRemoving(agent)}>
                    Remove
                  </button>
                </>
              )}
            </td>
          </tr>
        ))}
      </ListTable>
      {removing !== null && (
        <Dialog
          title={`Remove ${removing.name}`}
          onClose={() => setRemoving(null)}
          act={{
            label: 'Remove it',
            danger: true,
            run: () => act(carillon.agents.remove(removing.id), `${removing.name} is removed.`),
          }}
        >
          <p>Its key works no more, at once. What it held goes elsewhere.</p>
        </Dialog>
      )}
    </>
  )
}

function NodeTable({ nodes }: { readonly nodes: readonly Node[] }) {
  return (
    <ListTable head={['Node', 'Status', 'Holds', 'Clock', 'Starts late by', 'Since']} acts>
      {nodes.map((node) => (
        <tr key={node.id} data-row>
          <td class="name">
            {node.hostname}
            {node.self && <span class="chip">this one</span>}
            <div class="soft small mono">{node.id}</div>
          </td>
          <td>
            <Sign of={NODE_SIGNS[node.status]}>{node.status}</Sign>
          </td>
          <td class="number" data-title="holds">
            {node.held === null ? '–' : `${node.held} ${node.held === 1 ? 'run' : 'runs'}`}
          </td>
          <td class="number" data-title="clock">
            {node.skewMs === null ? '–' : `${node.skewMs > 0 ? '+' : ''}${Math.round(node.skewMs)} ms`}
          </td>
          <td class="number" data-title="late by">
            {node.latenessP50Ms === null
              ? '–'
              : `${durationText(node.latenessP50Ms)}, 99 %: ${node.latenessP99Ms === null ? '–' : durationText(node.latenessP99Ms)}`}
          </td>
          <td data-title="since">
            <TimeText at={node.endedAt ?? node.startedAt} />
          </td>
          <td class="actions">
            {may('admin') && node.endedAt === null && (
              <button
                type="button"
                class="button small"
                onClick={() =>
                  void (node.status === 'draining'
                    ? act(carillon.nodes.undrain(node.id), 'It takes work again.')
                    : act(carillon.nodes.drain(node.id), 'It takes nothing new.'))
                }
              >
                {node.status === 'draining' ? 'Take work again' : 'Drain'}
              </button>
            )}
          </td>
        </tr>
      ))}
    </ListTable>
  )
}

function AddAgent({ onClose }: { readonly onClose: () => void }) {
  const [labels, setLabels] = useState('')
  const [line, setLine] = useState<string | null>(null)
  const make = async (): Promise<void> => {
    const pairs = labels.split(',').filter((pair) => pair.includes('='))
    const wanted = Object.fromEntries(
      pairs.map((pair) => [pair.split('=', 1)[0]!.trim(), pair.slice(pair.indexOf('=') + 1).trim()]),
    )
    const token = await carillon.agents.createToken(pairs.length === 0 ? {} : { labels: wanted })
    await queries.invalidateQueries({ queryKey: ['tokens'] })
    setLine(`npx carillon agent --server ${location.origin} --token ${token.secret}`)
  }
  if (line !== null) {
    return (
      <Dialog title="Start it there" onClose={onClose}>
        <p>On the machine that is to carry out commands. The token works once, within the hour.</p>
        <pre class="code">{line}</pre>
        <CopyButton text={line}>Copy</CopyButton>
      </Dialog>
    )
  }
  return (
    <Dialog title="Add an agent" onClose={onClose} act={{ label: 'Make a token', keepOpen: true, run: make }}>
      <Notice tone="calm">An agent dials this server; it listens on nothing.</Notice>
      <TextField
        label="Labels"
        hint="role=db, zone=a. Jobs choose their agents by them. May be left empty."
        value={labels}
        onText={setLabels}
      />
    </Dialog>
  )
}
