// carillon job versions

import type { Session } from '../session.ts'
import { scheduleWord } from '../show/jobs.ts'
import { table } from '../show/table.ts'
import { targetWords } from '../show/target-words.ts'
import { showInstant } from '../show/times.ts'

export async function listVersions(
  session: Session,
  ref: string,
  { project }: { readonly project?: string },
): Promise<void> {
  const items = await session.client.jobs.versions(ref, { project })
  await session.print({ items }, () =>
    table(
      items,
      [
        { title: 'VERSION', value: ({ version }) => String(version) },
        { title: 'SINCE', value: ({ createdAt }) => showInstant(createdAt) },
        { title: 'BY', value: ({ createdBy }) => createdBy },
        { title: 'SCHEDULE', value: ({ schedule }) => scheduleWord(schedule) },
        { title: 'DOES', value: ({ target }) => targetWords(target) },
      ],
      session.look,
    ),
  )
}
