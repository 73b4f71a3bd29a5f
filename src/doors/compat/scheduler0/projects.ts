// Projects: numbered, with a name of any form and a description, both kept in our project's description.

import Type from 'typebox'
import { addDoorProject, deleteDoorProject, describeDoorProject } from '../../../commands/door-project.ts'
import { findProject } from '../../../commands/find-project.ts'
import { listProjects } from '../../../commands/projects.ts'
import { takeNumbers } from '../../../commands/take-numbers.ts'
import { AppError } from '../../../domain/errors.ts'
import type { Project } from '../../../domain/project.ts'
import type { Answer } from '../../http/endpoint.ts'
import type { CompatAsk } from '../compat-door.ts'
import { nothing, told } from './envelope.ts'
import { idOf, projectName, projectNumber, SYSTEM } from './numbers.ts'
import { pageOf } from './pages.ts'
import { inWords, type Words } from './words.ts'

const TEXT_MAX = 1_000
const Text = Type.Optional(Type.Union([Type.String({ maxLength: TEXT_MAX }), Type.Null()]))
export const SentProject = Type.Object({ name: Text, description: Text })
type SentProject = Type.Static<typeof SentProject>

export async function create(ask: CompatAsk<SentProject>, words: Words): Promise<Answer> {
  const { ctx, who, body } = ask
  const name = nameOf(body)
  const description = body.description?.trim() ?? ''
  if (name === '') throw new AppError('invalid', 'name field is required')
  if (description === '') throw new AppError('invalid', 'description field is required')
  const twin = (await all(ask)).find((project) => textsOf(project).name === name)
  if (twin !== undefined) {
    const id = projectNumber(twin.name)
    throw new AppError(
      'name_taken',
      `another project exist with the same name, project with id ${id} has the same name`,
    )
  }
  const number = await takeNumbers(ctx, who, `${SYSTEM}.project`, 1)
  const project = await addDoorProject(ctx, who, projectName(number), `${name}\n${description}`)
  return told(201, projectInWords(project, words))
}

/** One line: the description follows on the next ones. */
function nameOf({ name }: SentProject): string {
  return name?.replaceAll('\n', ' ').trim() ?? ''
}

export async function list(ask: CompatAsk, words: Words): Promise<Answer> {
  const { items, ...page } = await pageOf(ask, {
    read: async (more) => {
      const { items, nextCursor } = await listProjects(ask.ctx, ask.who, more)
      return { items: items.filter(isOurs), nextCursor }
    },
  })
  return told(200, { projects: items.map((project) => projectInWords(project, words)), ...page })
}

export async function getOne(ask: CompatAsk, words: Words): Promise<Answer> {
  return told(200, projectInWords(await asked(ask), words))
}

/** Only the description changes, as it was there. */
export async function update(ask: CompatAsk<SentProject>, words: Words): Promise<Answer> {
  if (nameOf(ask.body) === '') throw new AppError('invalid', 'project name is required')
  const old = await asked(ask)
  const description = `${textsOf(old).name}\n${ask.body.description ?? ''}`
  const project = await describeDoorProject(ask.ctx, ask.who, old.id, description)
  return told(200, projectInWords(project, words))
}

/** One that is not there is gone already. */
export async function remove(ask: CompatAsk): Promise<Answer> {
  const project = await existingProject(ask, idOf(ask.params.id, 'project'))
  if (project !== null) await deleteDoorProject(ask.ctx, ask.who, project.id)
  return nothing()
}

export async function existingProject({ ctx, who }: CompatAsk, number: number): Promise<Project | null> {
  try {
    return await findProject(ctx, who, projectName(number))
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return null
    throw error
  }
}

async function asked(ask: CompatAsk): Promise<Project> {
  const project = await existingProject(ask, idOf(ask.params.id, 'project'))
  if (project === null) throw new AppError('not_found', 'project does not exist')
  return project
}

async function all(ask: CompatAsk): Promise<Project[]> {
  const found: Project[] = []
  let cursor: string | null | undefined
  while (cursor !== null) {
    const page = { limit: ask.ctx.limits.pageMax, ...(cursor === undefined ? {} : { cursor }) }
    const { items, nextCursor } = await listProjects(ask.ctx, ask.who, page)
    found.push(...items.filter(isOurs))
    cursor = nextCursor
  }
  return found
}

function isOurs({ name }: Project): boolean {
  return projectNumber(name) !== null
}

function textsOf({ description }: Project): { name: string; description: string } {
  const [name = '', ...rest] = (description ?? '').split('\n')
  return { name, description: rest.join('\n') }
}

function projectInWords(project: Project, words: Words): Record<string, unknown> {
  return inWords(words, {
    id: projectNumber(project.name) ?? 0,
    ...textsOf(project),
    dateCreated: new Date(project.createdAt).toISOString(),
  })
}
