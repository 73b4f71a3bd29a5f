// What is around every view: where one can go, whose time is shown, whether it is live.

import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Link, useLocation } from 'wouter-preact'
import { Palette } from './keys/palette.tsx'
import { Keys } from './keys/sheet.tsx'
import { keySheet, palette } from './keys/state.ts'
import { useKeys } from './keys/use-keys.ts'
import { Glyph } from './parts/glyph.tsx'
import { PLACES, placesHere } from './places.ts'
import { live } from './state/live.ts'
import { THEMES, theme } from './state/theme.ts'
import { session, signOut } from './state/visit.ts'
import { now } from './time/clock.ts'
import { relativeText, wallTime } from './time/format.ts'
import { LOCAL_ZONE, type ZoneMode, zoneMode } from './time/zone-mode.ts'

export function Shell({ children }: { readonly children: ComponentChildren }) {
  const [path] = useLocation()
  const main = useRef<HTMLElement>(null)
  useKeys()
  useEffect(() => {
    scrollTo(0, 0)
    const title = PLACES.find(({ href }) => href !== '/' && path.startsWith(href))?.label ?? 'Overview'
    document.title = `${title} · Carillon`
  }, [path])
  return (
    <div class={live.value.state === 'lost' ? 'shell stale' : 'shell'}>
      <a class="skip button" href="#main">
        To the content
      </a>
      <header class="head">
        <Link class="brand" href="/" aria-label="Carillon, overview">
          <Bell />
          <span class="wide-only">Carillon</span>
        </Link>
        <button type="button" class="finder" onClick={() => (palette.value = true)}>
          <Glyph name="search" />
          <span>Find or do …</span>
          <kbd>Ctrl K</kbd>
        </button>
        <div class="room" />
        <LiveMark />
        <TimeSwitch />
        <Account />
      </header>
      <nav class="nav" aria-label="Views">
        {placesHere().map(({ href, label, glyph }) => (
          <Link key={href} href={href} aria-current={isHere(path, href) ? 'page' : undefined}>
            <Glyph name={glyph} />
            {label}
          </Link>
        ))}
      </nav>
      <main class="main" id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      {palette.value && <Palette />}
      {keySheet.value && <Keys />}
    </div>
  )
}

function isHere(path: string, href: string): boolean {
  return href === '/' ? path === '/' || path === '/overview' : path === href || path.startsWith(`${href}/`)
}

function LiveMark() {
  const { state, since } = live.value
  const words = {
    on: 'live',
    waiting: 'connecting',
    lost: `not live, as of ${wallTime(since, LOCAL_ZONE).time}`,
  }
  return (
    <span
      class="live"
      data-state={state}
      role="status"
      title={state === 'lost' ? relativeText(since, now.value) : undefined}
    >
      <i />
      {words[state]}
    </span>
  )
}

function TimeSwitch() {
  return (
    <span class="pick">
      <select
        aria-label="Show times in"
        value={zoneMode.value}
        onChange={(event) => {
          zoneMode.value = event.currentTarget.value as ZoneMode
        }}
      >
        <option value="job">Job’s zone</option>
        <option value="local">Local ({LOCAL_ZONE})</option>
        <option value="utc">UTC</option>
        <option value="relative">Relative</option>
      </select>
    </span>
  )
}

function Account() {
  const name = session.value.kind === 'in' ? session.value.me.name : ''
  return (
    <span class="pick">
      <select
        aria-label={`Account ${name}`}
        value=""
        onChange={(event) => {
          const { value } = event.currentTarget
          event.currentTarget.value = ''
          if (value === 'out') void signOut()
          else if (value === 'keys') keySheet.value = true
          else theme.value = THEMES.find((one) => one === value) ?? theme.value
        }}
      >
        <option value="" disabled hidden>
          {name.slice(0, 16) || 'account'}
        </option>
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {theme.value === one ? '✓ ' : ''}
            {one === 'system' ? 'As the system' : one === 'light' ? 'Light' : 'Dark'}
          </option>
        ))}
        <option value="keys">Keyboard (?)</option>
        <option value="out">Sign out</option>
      </select>
    </span>
  )
}

export function Bell() {
  return (
    <svg viewBox="0 0 32 32" fill="currentColor" aria-hidden="true">
      <path d="M16 3a2.500 2.500 0 0 1 2.500 2.500v.6c3.900 1.100 6.500 4.500 6.500 8.900v5.500l3 4.500H4l3-4.500V15c0-4.400 2.600-7.800 6.500-8.900v-.6A2.500 2.500 0 0 1 16 3zm-4 24h8a4 4 0 0 1-8 0z" />
    </svg>
  )
}
