// What to do with the jobs that are selected, or with all that the filter finds.

import { useQuery } from '@tanstack/preact-query'
import { useEffect, useState } from 'preact/hooks'
import type { BulkRequest, JobQuery } from '../../../../src/sdk/index.ts'
import { Wrong } from '../../parts/notice.tsx'
import { may } from '../../state/visit.ts'
import { countText } from '../../time/format.ts'
import { TimeText } from '../../time/time-text.tsx'
import { BulkDialog } from './bulk-dialog.tsx'
import { countOf, filterOf } from './count-of.ts'

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
  const [action, setAction] = useState<BulkRequest['action'] | null>(null)
  const filter = filterOf(query)
  // Who is due in a stretch takes a look at each job: only when it is wanted.
  const byTime = filter.dueFrom !== undefined || filter.dueTo !== undefined
  const count = useQuery({
    queryKey: ['count', filter],
    queryFn: ({ signal }) => countOf(filter, signal),
    enabled: all || !byTime,
  })
  useEffect(() => setAll(false), [selected, JSON.stringify(query)])
  const total = count.data ?? null
  const counting = all && total === null
  return (
    <section class="bulk-bar" aria-label="Selected jobs">
      <strong role="status">
        {!all
          ? `${countText(selected.size)} selected`
          : total === null
            ? 'Counting all that the filter finds…'
            : `All ${countText(total)} selected`}
      </strong>
      {!all && (byTime || (total !== null && total > selected.size)) && (
        <button type="button" class="button plain small" onClick={() => setAll(true)}>
          Select all {byTime || total === null ? '' : `${countText(total)} `}that the filter finds
        </button>
      )}
      {all && <Wrong error={count.error} />}
      <span class="row">
        {ACTIONS.filter(([one]) => may(one === 'trigger' ? 'runs:write' : 'jobs:write')).map(
          ([one, label]) => (
            <button
              key={one}
              type="button"
              class={one === 'delete' ? 'button small danger' : 'button small'}
              disabled={counting}
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
          about={
            all && byTime ? (
              <p class="soft">
                All that the filter finds when it begins and that are due{' '}
                {filter.dueFrom !== undefined && (
                  <>
                    from <TimeText at={filter.dueFrom} />{' '}
                  </>
                )}
                {filter.dueTo !== undefined && (
                  <>
                    up to <TimeText at={filter.dueTo} />
                  </>
                )}
                : what is done to them holds for their other instants too.
              </p>
            ) : null
          }
          onClose={(happened) => {
            setAction(null)
            if (happened) onClear()
          }}
        />
      )}
    </section>
  )
}
