// Find a job or a view, or do something, by typing. A combobox as ARIA describes it.

import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useEffect, useRef, useState } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import { Glyph, type GlyphName } from '../parts/glyph.tsx'
import { placesHere } from '../places.ts'
import { carillon } from '../state/client.ts'
import { THEMES, theme } from '../state/theme.ts'
import { may, signOut } from '../state/visit.ts'
import { ZONE_MODES, zoneMode } from '../time/zone-mode.ts'
import { deeds, keySheet, palette } from './state.ts'

type Choice = {
  readonly label: string
  readonly hint: string
  readonly glyph: GlyphName
  readonly run: () => void
}

const FOUND_MAX = 8

export function Palette() {
  const [, go] = useLocation()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  const jobs = useQuery({
    queryKey: ['jobs', 'palette', text],
    queryFn: () => carillon.jobs.list({ limit: FOUND_MAX, ...(text === '' ? {} : { q: text }) }),
    enabled: may('jobs:read'),
    placeholderData: keepPreviousData,
  })
  const close = (): void => {
    palette.value = false
  }
  const choices = [
    ...actions(go).filter(({ label, hint }) => `${label} ${hint}`.toLowerCase().includes(text.toLowerCase())),
    ...(jobs.data?.items ?? []).map(
      (job): Choice => ({ label: job.name, hint: 'job', glyph: 'jobs', run: () => go(`/jobs/${job.id}`) }),
    ),
    ...(/^run_\w+$/i.test(text)
      ? [{ label: text, hint: 'run', glyph: 'runs', run: () => go(`/runs/${text}`) } as const]
      : []),
  ].slice(0, 24)
  const here = Math.min(at, choices.length - 1)
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') setAt(Math.min(choices.length - 1, here + 1))
    else if (event.key === 'ArrowUp') setAt(Math.max(0, here - 1))
    else if (event.key === 'Enter') choose(choices[here])
    else return
    event.preventDefault()
  }
  const choose = (choice: Choice | undefined): void => {
    if (choice === undefined) return
    close()
    choice.run()
  }
  return (
    <dialog
      ref={dialog}
      class="palette"
      aria-label="Find or do"
      onClose={close}
      onMouseDown={(event) => event.target === dialog.current && close()}
    >
      <input
        type="text"
        role="combobox"
        aria-label="Find or do"
        aria-expanded="true"
        aria-controls="palette-choices"
        aria-activedescendant={choices.length > 0 ? `palette-${here}` : undefined}
        placeholder="A job, a run id, a view, an action …"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value)
          setAt(0)
        }}
        onKeyDown={onKey}
      />
      <div id="palette-choices" role="listbox" aria-label="Choices">
        {choices.map((choice, n) => (
          <div
            key={`${choice.hint} ${choice.label}`}
            id={`palette-${n}`}
            role="option"
            tabIndex={-1}
            aria-selected={n === here}
            onMouseDown={(event) => {
              event.preventDefault()
              choose(choice)
            }}
          >
            <Glyph name={choice.glyph} />
            <span class="ellipsis">{choice.label}</span>
            <span class="soft small">{choice.hint}</span>
          </div>
        ))}
      </div>
      {choices.length === 0 && <p class="soft none">Nothing fits “{text}”.</p>}
    </dialog>
  )
}

function actions(go: (path: string) => void): Choice[] {
  return [
    ...deeds.value.map(({ label, run }): Choice => ({ label, hint: 'here', glyph: 'bell', run })),
    ...placesHere().map(
      ({ label, glyph, href }): Choice => ({ label, hint: 'view', glyph, run: () => go(href) }),
    ),
    ...(may('jobs:write')
      ? [{ label: 'New job', hint: 'action', glyph: 'plus', run: () => go('/jobs/new') } as const]
      : []),
    ...ZONE_MODES.map(
      (mode): Choice => ({
        label: `Times: ${mode === 'job' ? 'job’s zone' : mode}`,
        hint: 'time',
        glyph: 'pending',
        run: () => {
          zoneMode.value = mode
        },
      }),
    ),
    ...THEMES.map(
      (one): Choice => ({
        label: `Theme: ${one}`,
        hint: 'look',
        glyph: 'settings',
        run: () => {
          theme.value = one
        },
      }),
    ),
    { label: 'Keyboard', hint: 'help', glyph: 'info', run: () => (keySheet.value = true) },
    { label: 'Sign out', hint: 'action', glyph: 'keys', run: () => void signOut() },
  ]
}
