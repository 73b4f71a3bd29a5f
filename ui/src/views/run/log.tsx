// The output of a run: one log for each of its processes, the newest shown first.

import { useQuery } from '@tanstack/preact-query'
import { isFinalStatus, type LogInfo, type RunDetail } from '../../../../src/sdk/index.ts'
import { Panel } from '../../parts/panel.tsx'
import { carillon } from '../../state/client.ts'
import { useAddress } from '../../state/use-address.ts'
import { countText } from '../../time/format.ts'
import { LogView } from './log-view.tsx'

export function RunLog({ run }: { readonly run: RunDetail }) {
  const address = useAddress()
  const final = isFinalStatus(run.status)
  const logs = useQuery({
    queryKey: ['run', run.id, 'logs'],
    queryFn: () => carillon.logs.list(run.id),
    refetchInterval: final ? false : 3_000,
  })
  if (logs.data === undefined || logs.data.length === 0) return null
  const newest = logs.data.at(-1)!
  const shown =
    logs.data.find((log) => nameOf(log) === address.get('log')) ??
    logs.data.find(({ attempt }) => attempt === newest.attempt) ??
    newest
  return (
    <Panel
      title="Output"
      flush
      aside={
        <span class="row">
          {logs.data.length > 1 && (
            <span class="pick">
              <select
                aria-label="Log"
                value={nameOf(shown)}
                onChange={(event) => address.set({ log: event.currentTarget.value })}
              >
                {logs.data.map((log) => (
                  <option key={nameOf(log)} value={nameOf(log)}>
                    attempt {log.attempt}, part {log.part}
                  </option>
                ))}
              </select>
            </span>
          )}
          <span class="soft small number">
            {countText(shown.lines)} lines, {shown.status}
          </span>
          <a
            class="button small"
            href={`/v1/runs/${run.id}/log/text?attempt=${shown.attempt}&part=${shown.part}`}
            download={`${run.id}-${nameOf(shown)}.log`}
          >
            Download
          </a>
        </span>
      }
    >
      {shown.note !== null && <p class="body soft">{shown.note}</p>}
      <LogView key={nameOf(shown)} run={run} log={shown} growing={!final || shown.status === 'open'} />
    </Panel>
  )
}

function nameOf({ attempt, part }: LogInfo): string {
  return `${attempt}.${part}`
}
