// What to do with the jobs that are selected, or with all that the filter finds.

import { useEffect, useState } from 'preact/hooks'
import type { BulkRequest, JobQuery } from '../../../../src/sdk/index.ts'
import { may } from '../../state/visit.ts'
import { countText } from '../../time/format.ts'
import { BulkDialog } from './bulk-dialog.tsx'
import { countOf } from './count-of.ts'

type Props = {
  readonly selected: ReadonlySet<string>
  readonly query: JobQuery
  readonly onClear: () => void
}

const ACTIONS: readonly (readonly [BulkRequest['action'], string])[] = [
  ['pause', 'Pause'],
  ['resume', 'Resume'],
  ['trigger', 'Run now'],
  ['delete', 'Delete'],
]

export function BulkBar({ selected, query, onClear }: Props) {
  const [all, setAll] = useState(false)
  const [total, setTotal] = useState<number | null>(null)
  const [action, setAction] = useState<BulkRequest['action'] | null>(null)
  useEffect(() => {
    setAll(false)
    const { cursor: _c, limit: _l, ...filter } = query
    void countOf(filter).then(setTotal, () => setTotal(null))
  }, [selected, JSON.stringify(query)])
  const { project, status, q, labels } = query
  const filter = {
    ...(project === undefined ? {} : { project }),
    ...(status === undefined ? {} : { status }),
    ...(q === undefined ? {} : { q }),
    ...(labels === undefined ? {} : { labels }),
  }
  return (
    <section class="bulk-bar" aria-label="Selected jobs">
      <strong>{all && total !== null ? `All ${countText(total)}` : countText(selected.size)} selected</strong>
      {!all && total !== null && total > selected.size && query.dueFrom === undefined && (
        <button type="button" class="button plain small" onClick={() => setAll(true)}>
          Select all {countText(total)} that the filter finds
        </button>
      )}
      <span class="row">
        {ACTIONS.filter(([one]) => may(one === 'trigger' ? 'runs:write' : 'jobs:write')).map(
          ([one, label]) => (
            <button
              key={one}
              type="button"
              class={one === 'delete' ? 'button small danger' : 'button small'}
              onClick={() => setAction(one)}
            >
              {label}
            </button>
          ),
        )}
        <button type="button" class="button plain small" onClick={onClear}>
          Clear
        </button>
      </span>
      {action !== null && (
        <BulkDialog
          request={all ? { action, filter } : { action, jobs: [...selected] }}
          count={all ? (total ?? 0) : selected.size}
          onClose={(happened) => {
            setAction(null)
            if (happened) onClear()
          }}
        />
      )}
    </section>
  )
}
