// carillon agent …

import type { Agent, JoinToken } from '../../sdk/index.ts'
import { doing, type Fill, leaf } from '../command-tree.ts'
import { confirm } from '../confirm.ts'
import { labelsOf } from '../job/draft-of-options.ts'
import { addPageOptions, type PageOptions, printPages } from '../page-options.ts'
import { commaList, repeated } from '../repeated.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'
import { fields, table } from '../show/table.ts'
import { showInstant } from '../show/times.ts'
import { addAgentOptions, runAgent } from './run-agent.ts'

export const fillAgent: Fill = (agent, walk) => {
  addAgentOptions(agent).action(doing(walk, runAgent))
  addPageOptions(leaf(agent, 'list', 'List agents')).action(doing(walk, listAgents))
  leaf(agent, 'get <agent>', 'Show an agent').action(doing(walk, getAgent))
  leaf(agent, 'drain <agent>', 'It ends what it holds and takes nothing new')
    .option('--off', 'it takes work again')
    .action(doing(walk, drainAgent))
  leaf(agent, 'remove <agent>', 'Its key works no more; what it held goes elsewhere').action(
    doing(walk, removeAgent),
  )
  const token = agent.command('token').description('Tokens that let agents in')
  leaf(token, 'create', 'A token that lets one agent in, once; it is shown this once')
    .option('-l, --labels <key=value>', 'labels its agent has (commas, or repeat)', repeated)
    .option('-p, --project <name>', 'it works for this project only (repeat; default: all)', repeated)
    .option('--ttl <duration>', 'how long it lets somebody in (default 1h)')
    .action(doing(walk, createToken))
  addPageOptions(leaf(token, 'list', 'List join tokens, newest first, used ones too')).action(
    doing(walk, listTokens),
  )
  leaf(token, 'end <token>', 'End a token that was not used').action(doing(walk, endToken))
}

async function listAgents(session: Session, options: PageOptions): Promise<void> {
  await printPages(
    session,
    options,
    (page) => session.client.agents.list(page),
    (agents) =>
      table(
        agents,
        [
          { title: 'NAME', value: ({ name }) => name },
          { title: 'STATUS', value: ({ status }) => status },
          { title: 'SLOTS', value: ({ slots }) => String(slots) },
          { title: 'SEEN', value: ({ seenAt }) => showInstant(seenAt) },
          { title: 'VERSION', value: ({ version }) => version },
          { title: 'HOST', value: ({ hostname }) => hostname },
          { title: 'LABELS', value: ({ labels }) => labelWords(labels) },
        ],
        session.look,
      ),
    'No agents. Let one in: carillon agent token create',
  )
}

async function getAgent(session: Session, name: string): Promise<void> {
  const agent = await session.client.agents.get(name)
  await session.print(agent, () => fields(rowsOf(agent), session.look))
}

/** Much of it an agent says of itself. */
function rowsOf(agent: Agent): [string, string][] {
  const rows: [string, string][] = [
    ['Agent', `${agent.name} (${agent.id})`],
    ['Status', agent.status],
    ['Labels', labelWords(agent.labels)],
    ['Projects', agent.projectIds === null ? 'all' : agent.projectIds.join(', ')],
    ['Slots', String(agent.slots)],
    ['Version', agent.version],
    ['Host', agent.hostname],
    ['Seen', showInstant(agent.seenAt)],
    ['Joined', showInstant(agent.createdAt)],
  ]
  return rows.map(([name, value]) => [name, safeText(value)])
}

async function drainAgent(
  session: Session,
  name: string,
  { off }: { readonly off?: boolean },
): Promise<void> {
  const agent = await session.client.agents.drain(name, off !== true)
  await session.print(agent, () =>
    off === true ? `${agent.name} takes work again` : `${agent.name} takes nothing new`,
  )
}

async function removeAgent(session: Session, name: string): Promise<void> {
  await confirm(session, `Remove the agent ${name}? What it carries out is lost and goes elsewhere.`)
  await session.client.agents.remove(name)
  session.say(`Removed ${name}`)
}

type TokenOptions = {
  readonly labels?: readonly string[]
  readonly project?: readonly string[]
  readonly ttl?: string
}

/** The token alone is data: TOKEN=$(carillon agent token create …) works. */
async function createToken(session: Session, { labels, project, ttl }: TokenOptions): Promise<void> {
  const token = await session.client.agents.createToken({
    ...(labels === undefined ? {} : { labels: labelsOf(labels.flatMap(commaList)) }),
    ...(project === undefined ? {} : { projects: [...project] }),
    ...(ttl === undefined ? {} : { ttl }),
  })
  await session.print(token, () => token.secret)
  session.say(
    `It lets one agent in until ${showInstant(token.expiresAt)}: carillon agent --server ${session.client.url} --token …`,
  )
}

async function listTokens(session: Session, options: PageOptions): Promise<void> {
  await printPages(
    session,
    options,
    (page) => session.client.agents.tokens(page),
    (tokens) =>
      table(
        tokens,
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'BEGINS', value: ({ hint }) => hint },
          { title: 'STATE', value: stateOf },
          { title: 'MADE', value: ({ createdAt }) => showInstant(createdAt) },
          { title: 'LABELS', value: ({ labels }) => labelWords(labels) },
        ],
        session.look,
      ),
    'No join tokens.',
  )
}

function stateOf({ usedBy, expiresAt }: JoinToken): string {
  if (usedBy !== null) return `used by ${usedBy}`
  return Date.parse(expiresAt) <= Date.now() ? 'over' : `good until ${showInstant(expiresAt)}`
}

async function endToken(session: Session, id: string): Promise<void> {
  await session.client.agents.endToken(id)
  session.say(`Ended ${id}`)
}

function labelWords(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ')
}
