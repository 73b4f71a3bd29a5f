// How this page looks, which server this is, and who one is here.

import { useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import { SETTING_COLUMNS } from '../export/columns.ts'
import { ExportPick } from '../export/export-pick.tsx'
import { Answer } from '../parts/answer.tsx'
import { ListTable } from '../parts/list-table.tsx'
import { Notice } from '../parts/notice.tsx'
import { Panel } from '../parts/panel.tsx'
import { carillon } from '../state/client.ts'
import { THEMES, theme } from '../state/theme.ts'
import { useTitle } from '../state/use-title.ts'
import { mayEverywhere, session, signOut } from '../state/visit.ts'
import { TimeText } from '../time/time-text.tsx'
import { LOCAL_ZONE, ZONE_MODES, zoneMode } from '../time/zone-mode.ts'
import { Visits } from './settings/visits.tsx'

const ZONE_WORDS = {
  job: 'job’s zone',
  local: `local (${LOCAL_ZONE})`,
  utc: 'UTC',
  relative: 'relative',
} as const

export function SettingsView() {
  useTitle('Settings')
  const version = useQuery({ queryKey: ['version'], queryFn: () => carillon.health.version() })
  const ready = useQuery({ queryKey: ['ready'], queryFn: () => carillon.health.ready() })
  const me = session.value.kind === 'in' ? session.value.me : null
  return (
    <div class="stack">
      <h1>Settings</h1>
      <div class="grid">
        <Panel title="How it looks here">
          <div class="stack tight">
            <div class="field">
              <span class="label">Theme</span>
              <fieldset class="switcher" aria-label="Theme">
                {THEMES.map((one) => (
                  <button
                    key={one}
                    type="button"
                    aria-pressed={theme.value === one}
                    onClick={() => {
                      theme.value = one
                    }}
                  >
                    {one}
                  </button>
                ))}
              </fieldset>
            </div>
            <div class="field">
              <span class="label">Times</span>
              <fieldset class="switcher" aria-label="Times">
                {ZONE_MODES.map((one) => (
                  <button
                    key={one}
                    type="button"
                    aria-pressed={zoneMode.value === one}
                    onClick={() => {
                      zoneMode.value = one
                    }}
                  >
                    {ZONE_WORDS[one]}
                  </button>
                ))}
              </fieldset>
            </div>
          </div>
        </Panel>
        <Panel title="Who you are here">
          {me !== null && (
            <div class="stack tight">
              <dl class="facts">
                <dt>Key</dt>
                <dd>{me.name}</dd>
                <dt>May</dt>
                <dd>{me.scopes.join(', ')}</dd>
                <dt>Projects</dt>
                <dd>{me.projectIds === null ? 'all' : me.projectIds.length}</dd>
                <dt>Signed in until</dt>
                <dd>
                  <TimeText at={me.visit?.expiresAt ?? null} />
                </dd>
              </dl>
              <div>
                <button type="button" class="button" onClick={() => void signOut()}>
                  Sign out
                </button>
              </div>
            </div>
          )}
        </Panel>
        <Panel title="This server">
          <Answer of={version}>
            {(data) => (
              <dl class="facts">
                <dt>Carillon</dt>
                <dd>{data.version}</dd>
                <dt>Node.js</dt>
                <dd>{data.node}</dd>
                <dt>Time zone data</dt>
                <dd>{data.tzdata}</dd>
                <dt>Ready</dt>
                <dd>{ready.data === undefined ? '–' : ready.data.status}</dd>
                <dt>API</dt>
                <dd>
                  <a href="/docs">described and to be tried out</a>
                </dd>
              </dl>
            )}
          </Answer>
        </Panel>
      </div>
      <Visits />
      {mayEverywhere('admin') && <InForce />}
    </div>
  )
}

/** What the server that answers runs with. Behind a balancer the next question may go to another one. */
function InForce() {
  const [all, setAll] = useState(false)
  const settings = useQuery({ queryKey: ['settings'], queryFn: () => carillon.settings.read() })
  return (
    <Answer of={settings}>
      {({ file, settings: options, warnings }) => {
        const shown = options.filter(({ origin }) => all || origin !== 'default')
        return (
          <Panel
            title="What this server runs with"
            flush
            aside={
              <label class="check">
                <input type="checkbox" checked={all} onChange={() => setAll(!all)} />
                defaults too ({options.length} options)
              </label>
            }
            footer={<ExportPick name="settings" rows={shown} columns={SETTING_COLUMNS} />}
          >
            {warnings.map(({ origin, detail }) => (
              <Notice key={origin + detail} tone="warn">
                <code>{origin}</code> {detail}
              </Notice>
            ))}
            <p class="body soft">
              {file === null ? 'No configuration file was read.' : `Configuration file: ${file}`}
            </p>
            {shown.length > 0 && (
              <ListTable head={['Option', 'Value', 'From']}>
                {shown.map(({ option, value, origin, description }) => (
                  <tr key={option} data-row>
                    <td class="name">
                      <code>{option}</code>
                      <div class="soft small">{description}</div>
                    </td>
                    <td class="break">
                      {value === null ? <span class="soft">not set</span> : <code>{value}</code>}
                    </td>
                    <td class="soft">{origin}</td>
                  </tr>
                ))}
              </ListTable>
            )}
          </Panel>
        )
      }}
    </Answer>
  )
}
