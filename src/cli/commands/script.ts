// carillon script …

import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Script } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { doing, type Fill, leaf } from '../command-tree.ts'
import { confirm } from '../confirm.ts'
import { EXIT } from '../exit-code.ts'
import { addPageOptions, type PageOptions, printPages } from '../page-options.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'
import { fields, table } from '../show/table.ts'
import { showInstant } from '../show/times.ts'

export const fillScript: Fill = (script, walk) => {
  leaf(script, 'upload <file>', 'Upload a script; jobs name it by the SHA-256 that is answered')
    .option('-p, --project <name>', 'the project it belongs to')
    .option('--name <name>', 'for people (default: the name of the file)')
    .option('--interpreter <name>', 'what it is meant for: python3, bash …')
    .action(doing(walk, uploadScript))
  addPageOptions(leaf(script, 'list', 'List scripts, the newest first'))
    .option('-p, --project <name>', 'of this project')
    .action(doing(walk, listScripts))
  leaf(script, 'get <sha256>', 'Show a script')
    .option('-p, --project <name>', 'the project it belongs to')
    .option('--content', 'its content, byte for byte')
    .action(doing(walk, getScript))
  leaf(script, 'delete <sha256...>', 'Delete scripts that no job uses')
    .option('-p, --project <name>', 'the project they belong to')
    .action(doing(walk, deleteScripts))
}

type UploadOptions = { readonly project?: string; readonly name?: string; readonly interpreter?: string }

async function uploadScript(session: Session, file: string, options: UploadOptions): Promise<void> {
  const content = await readFile(file).catch((error: unknown) => {
    throw new CliError(EXIT.usage, `${file} cannot be read: ${(error as Error).message}`)
  })
  const { project, interpreter } = options
  const about = { name: options.name ?? basename(file), interpreter, project }
  const script = await session.client.scripts.upload(content, about)
  await session.print(script, () => script.sha256)
  const { name, bytes } = script
  session.say(
    safeText(
      `${name ?? 'A script'}, ${bytes} bytes. In a job: {"script": {"sha256": "…", "interpreter": "${script.interpreter ?? 'bash'}"}}`,
    ),
  )
}

type ListOptions = PageOptions & { readonly project?: string }

async function listScripts(session: Session, options: ListOptions): Promise<void> {
  const { project } = options
  await printPages(
    session,
    options,
    (page) => session.client.scripts.list({ ...page, project }),
    (scripts: readonly Script[]) =>
      table(
        scripts,
        [
          { title: 'SHA-256', value: ({ sha256 }) => sha256 },
          { title: 'NAME', value: ({ name }) => name ?? '' },
          { title: 'FOR', value: ({ interpreter }) => interpreter ?? '' },
          { title: 'BYTES', value: ({ bytes }) => String(bytes) },
          { title: 'SINCE', value: ({ createdAt }) => showInstant(createdAt) },
        ],
        session.look,
      ),
    'No scripts.',
  )
}

type GetOptions = { readonly project?: string; readonly content?: boolean }

async function getScript(session: Session, sha256: string, { project, content }: GetOptions): Promise<void> {
  if (content === true) {
    session.terminal.stdout.write(await session.client.scripts.content(sha256, { project }))
    return
  }
  const script = await session.client.scripts.get(sha256, { project })
  await session.print(script, () =>
    fields(
      [
        ['Script', script.sha256],
        ['Name', safeText(script.name ?? '-')],
        ['For', script.interpreter ?? '-'],
        ['Bytes', String(script.bytes)],
        ['Uploaded', `${showInstant(script.createdAt)} by ${script.createdBy}`],
      ],
      session.look,
    ),
  )
}

async function deleteScripts(
  session: Session,
  hashes: readonly string[],
  { project }: { readonly project?: string },
): Promise<void> {
  await confirm(session, hashes.length === 1 ? 'Delete this script?' : `Delete ${hashes.length} scripts?`)
  for (const sha256 of hashes) {
    await session.client.scripts.delete(sha256, { project })
    session.say(`Deleted ${safeText(sha256)}`)
  }
}
