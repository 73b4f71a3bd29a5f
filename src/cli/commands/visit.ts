// carillon visit …

import type { OpenVisit } from '../../sdk/index.ts'
import { doing, type Fill, leaf } from '../command-tree.ts'
import { confirm } from '../confirm.ts'
import { addPageOptions, type PageOptions, printPages } from '../page-options.ts'
import type { Session } from '../session.ts'
import { safeText } from '../show/safe-text.ts'
import { table } from '../show/table.ts'
import { showInstant } from '../show/times.ts'

export const fillVisit: Fill = (visit, walk) => {
  addPageOptions(
    leaf(visit, 'list', 'Who is signed in at the page: you, and for an admin everybody else'),
  ).action(doing(walk, listVisits))
  leaf(visit, 'end <visit...>', 'Sign somebody out, at once and for good').action(doing(walk, endVisits))
}

async function listVisits(session: Session, options: PageOptions): Promise<void> {
  await printPages(
    session,
    options,
    (page) => session.client.visit.list(page),
    (visits: readonly OpenVisit[]) =>
      table(
        visits,
        [
          { title: 'ID', value: ({ id }) => id },
          { title: 'NAME', value: ({ name }) => name },
          { title: 'CAME BY', value: ({ issuer }) => issuer ?? 'key' },
          { title: 'SINCE', value: ({ createdAt }) => showInstant(createdAt) },
          { title: 'UNTIL', value: ({ expiresAt }) => showInstant(expiresAt) },
        ],
        session.look,
      ),
    'Nobody is signed in.',
  )
}

async function endVisits(session: Session, ids: readonly string[]): Promise<void> {
  await confirm(session, `Sign out ${ids.join(', ')}?`)
  for (const id of ids) {
    await session.client.visit.revoke(id)
    session.write(safeText(id))
  }
}
