// carillon audit …

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { type AuditEntry, verifyAudit } from '../../sdk/index.ts'
import { CliError } from '../cli-error.ts'
import { doing, type Fill, leaf } from '../command-tree.ts'
import { EXIT } from '../exit-code.ts'
import { addPageOptions, type PageOptions, printPages } from '../page-options.ts'
import type { Session } from '../session.ts'
import { safeJson, safeText } from '../show/safe-text.ts'
import { table } from '../show/table.ts'
import { showInstant } from '../show/times.ts'

export const fillAudit: Fill = (audit, walk) => {
  addPageOptions(leaf(audit, 'list', 'List changes, the newest first'))
    .option('-p, --project <name>', 'of this project')
    .option('--action <name>', 'of this action, such as job.update')
    .option('--actor <key>', 'asked for by this key')
    .option('--subject <id>', 'done to this: the id of a job, a run, a key; the name of a secret')
    .option('--from <instant>', 'at this instant or later')
    .option('--to <instant>', 'before this instant')
    .action(doing(walk, listAudit))
  leaf(audit, 'export', 'Print the whole chain, one JSON document per line').action(doing(walk, exportAudit))
  leaf(audit, 'verify', 'Reckon every hash of the chain anew')
    .option('-f, --file <path>', 'of an export, instead of the server')
    .option('--expect <hash>', 'a head that was kept: it has to be in the chain')
    .action(doing(walk, verify))
}

type ListOptions = PageOptions & {
  readonly project?: string
  readonly action?: string
  readonly actor?: string
  readonly subject?: string
  readonly from?: string
  readonly to?: string
}

async function listAudit(session: Session, options: ListOptions): Promise<void> {
  const { project, action, actor, subject, from, to } = options
  await printPages(
    session,
    options,
    (page) => session.client.audit.list({ ...page, project, action, actor, subject, from, to }),
    (entries: readonly AuditEntry[]) =>
      table(
        entries,
        [
          { title: 'AT', value: ({ at }) => showInstant(at) },
          { title: 'WHO', value: ({ actorName }) => safeText(actorName) },
          { title: 'DID', value: ({ action: name }) => name },
          { title: 'TO', value: ({ subject }) => safeText(subject ?? '') },
          { title: 'FROM', value: ({ detail }) => String(detail['address'] ?? '') },
          { title: 'LINK', value: ({ link }) => String(link ?? '') },
        ],
        session.look,
      ),
    'Nothing was changed yet.',
  )
}

async function exportAudit(session: Session): Promise<void> {
  for await (const entry of session.client.audit.chain()) {
    session.write(safeJson(JSON.stringify(entry)))
  }
}

type VerifyOptions = { readonly file?: string; readonly expect?: string }

async function verify(session: Session, { file, expect }: VerifyOptions): Promise<void> {
  const entries = file === undefined ? session.client.audit.chain() : entriesOf(file)
  const verdict = await verifyAudit(entries, expect === undefined ? {} : { expect })
  if (!verdict.ok) throw new CliError(EXIT.failure, `The audit does not hold: ${safeText(verdict.reason)}.`)
  await session.print(verdict, () => verdict.head)
  session.say(`${verdict.links} links hold. Keep the head elsewhere, and give it to --expect the next time.`)
}

async function* entriesOf(path: string): AsyncGenerator<AuditEntry> {
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      if (line !== '') yield JSON.parse(line) as AuditEntry
    }
  } catch (error) {
    throw new CliError(EXIT.usage, `${path} cannot be read as an export: ${(error as Error).message}`)
  }
}
