// carillon project …

import type { Command } from 'commander'
import type { Project, ProjectDraft, ProjectPatch } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { doing, type Fill, leaf } from '../command-tree.ts'
import { confirm } from '../confirm.ts'
import { EXIT } from '../exit-code.ts'
import { wholeNumber } from '../numbers.ts'
import { addPageOptions, type PageOptions, printPages } from '../page-options.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'
import { fields, table } from '../show/table.ts'
import { showInstant } from '../show/times.ts'

export const fillProject: Fill = (project, walk) => {
  addPageOptions(leaf(project, 'list', 'List projects')).action(doing(walk, listProjects))
  leaf(project, 'get <project>', 'Show a project').action(doing(walk, getProject))
  withParts(leaf(project, 'create <name>', 'Make a project')).action(doing(walk, createProject))
  withParts(leaf(project, 'edit <project>', 'Change a project'))
    .option('--name <name>', 'its new name')
    .action(doing(walk, editProject))
  leaf(project, 'delete <project>', 'Delete an empty project').action(doing(walk, deleteProject))
}

function withParts(command: Command): Command {
  return command
    .option('--description <text>', 'for people')
    .option('--keep-days <number>', 'how long ended runs are kept', wholeNumber(1, 3_650))
    .option('--keep-last <number>', 'and the last so many of each final status', wholeNumber(0, 100_000))
    .option('--targets-policy <policy>', 'public, or listed: its jobs may call what is on its list alone')
    .option('--targets-allow <list>', 'hosts, *.suffixes, addresses and CIDR blocks they may call, by commas')
    .option('--targets-deny <list>', 'the same, never to be called')
    .option('--quota-runs-per-minute <number>', 'runs that begin within a minute, or none', quota)
    .option('--quota-concurrency <number>', 'runs under way at the same time, or none', quota)
    .option('--quota-log-bytes-per-day <number>', 'bytes of logs kept of one day, or none', quota)
    .option('--quota-jobs <number>', 'jobs at the same time; 0 to 10000000, none for no quota', quota)
}

/** `null` takes a quota away. */
function quota(text: string): number | null {
  return text === 'none' ? null : wholeNumber(0, 2 ** 50)(text)
}

type Parts = {
  readonly name?: string
  readonly description?: string
  readonly keepDays?: number
  readonly keepLast?: number
  readonly targetsPolicy?: 'public' | 'listed'
  readonly targetsAllow?: string
  readonly targetsDeny?: string
  readonly quotaJobs?: number | null
  readonly quotaConcurrency?: number | null
  readonly quotaLogBytesPerDay?: number | null
  readonly quotaRunsPerMinute?: number | null
}

/** What a patch says: null takes away what stands there. */
function partsOf(parts: Parts): Omit<ProjectPatch, 'name'> {
  const { description, keepDays, keepLast } = parts
  const keep = {
    ...(keepDays === undefined ? {} : { days: keepDays }),
    ...(keepLast === undefined ? {} : { last: keepLast }),
  }
  return {
    ...(description === undefined ? {} : { description }),
    ...(Object.keys(keep).length === 0 ? {} : { keep }),
    ...given('targets', {
      policy: parts.targetsPolicy,
      allow: listed(parts.targetsAllow),
      deny: listed(parts.targetsDeny),
    }),
    ...given('quotas', {
      jobs: parts.quotaJobs,
      runsPerMinute: parts.quotaRunsPerMinute,
      concurrency: parts.quotaConcurrency,
      logBytesPerDay: parts.quotaLogBytesPerDay,
    }),
  }
}

function given(name: string, members: Readonly<Record<string, unknown>>): object {
  const named = Object.entries(members).filter(([, value]) => value !== undefined)
  return named.length === 0 ? {} : { [name]: Object.fromEntries(named) }
}

function listed(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

function targetWords({ policy, allow = [], deny = [] }: Project['targets']): string {
  const parts = [
    policy === 'listed' ? 'nothing but' : allow.length === 0 ? '' : 'also',
    allow.join(', '),
    deny.length === 0 ? '' : `never ${deny.join(', ')}`,
  ]
  return parts.filter((part) => part !== '').join(' ') || 'what the server allows'
}

function quotaWords(quotas: Project['quotas']): string {
  const words = [
    ['jobs', quotas.jobs],
    ['runs a minute', quotas.runsPerMinute],
    ['runs at the same time', quotas.concurrency],
    ['bytes of logs a day', quotas.logBytesPerDay],
  ].flatMap(([word, amount]) => (amount === undefined ? [] : [`${amount} ${word}`]))
  return words.join(', ') || 'none'
}

async function listProjects(session: Session, options: PageOptions): Promise<void> {
  await printPages(
    session,
    options,
    (page) => session.client.projects.list(page),
    (projects) =>
      table(
        projects,
        [
          { title: 'NAME', value: ({ name }) => name },
          { title: 'ID', value: ({ id }) => id },
          { title: 'KEEPS', value: ({ keep }) => keepWords(keep) },
          { title: 'ABOUT', value: ({ description }) => description ?? '' },
        ],
        session.look,
      ),
    'No projects.',
  )
}

function keepWords({ days, last }: { days?: number; last?: number }): string {
  const parts = [days === undefined ? '' : `${days}d`, last === undefined ? '' : `last ${last}`]
  return parts.filter((part) => part !== '').join(', ') || '-'
}

async function getProject(session: Session, ref: string): Promise<void> {
  const project = await session.client.projects.get(ref)
  await session.print(project, () =>
    fields(
      [
        ['Project', safeText(`${project.name} (${project.id}, version ${project.version})`)],
        ['About', safeText(project.description ?? '-')],
        ['Keeps', keepWords(project.keep)],
        ['May call', safeText(targetWords(project.targets))],
        ['Quotas', quotaWords(project.quotas)],
        ['Created', showInstant(project.createdAt)],
        ['Changed', showInstant(project.updatedAt)],
      ],
      session.look,
    ),
  )
}

async function createProject(session: Session, name: string, options: Parts): Promise<void> {
  const project = await session.client.projects.create({ name, ...withoutNulls(partsOf(options)) })
  await session.print(project, () => safeText(`Created project ${project.name} (${project.id})`))
}

/** Where nothing stands yet there is nothing to take away. */
function withoutNulls(patch: object): Omit<ProjectDraft, 'name'> {
  return JSON.parse(JSON.stringify(patch, (_, value) => (value === null ? undefined : value)))
}

async function editProject(session: Session, ref: string, options: Parts): Promise<void> {
  const patch: ProjectPatch = {
    ...partsOf(options),
    ...(options.name === undefined ? {} : { name: options.name }),
  }
  if (Object.keys(patch).length === 0) {
    throw new CliError(EXIT.usage, 'What is to change?', {
      hint: 'Give --name, --description, or one of --keep-…, --targets-… and --quota-….',
    })
  }
  const { version } = await session.client.projects.get(ref)
  const project = await session.client.projects.patch(ref, patch, { ifVersion: version })
  await session.print(project, () => safeText(`Changed project ${project.name}: version ${project.version}`))
}

async function deleteProject(session: Session, ref: string): Promise<void> {
  await confirm(session, `Delete the project "${ref}"?`)
  await session.client.projects.delete(ref)
  session.say(`Deleted project ${safeText(ref)}.`)
}
