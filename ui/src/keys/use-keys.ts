// Keys that work everywhere: ? for all of them, / to search, j and k through a list, g and a letter to go.

import { useEffect } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import { placesHere } from '../places.ts'
import { keySheet, palette } from './state.ts'

const GO_MS = 1_200

export function useKeys(): void {
  const [, go] = useLocation()
  useEffect(() => {
    let goSince = 0
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault()
        palette.value = !palette.value
        return
      }
      if (isWriting(event) || event.ctrlKey || event.metaKey || event.altKey) return
      if (document.querySelector('dialog[open]') !== null) return
      if (Date.now() - goSince < GO_MS) {
        goSince = 0
        const place = placesHere().find(({ key }) => key === event.key)
        if (place !== undefined) go(place.href)
        return
      }
      if (event.key === 'g') goSince = Date.now()
      else if (event.key === '?') keySheet.value = true
      else if (event.key === '/') searchField(event)
      else if (event.key === 'j') step(1)
      else if (event.key === 'k') step(-1)
      else if (event.key === 'Enter') open(event)
      else if (event.key === 'x') mark()
      else if (event.key === 'n') go('/jobs/new')
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [go])
}

function isWriting({ target }: KeyboardEvent): boolean {
  return (
    target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
  )
}

function searchField(event: KeyboardEvent): void {
  event.preventDefault()
  const field = document.querySelector<HTMLInputElement>('input[type="search"]')
  if (field === null) palette.value = true
  else field.focus()
}

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('[data-row]')]
}

function step(by: number): void {
  const all = rows()
  const at = all.findIndex((row) => row.dataset['here'] !== undefined)
  const next = all[Math.min(all.length - 1, Math.max(0, at + by))]
  if (next === undefined) return
  for (const row of all) delete row.dataset['here']
  next.dataset['here'] = ''
  next.scrollIntoView({ block: 'nearest' })
}

function open(event: KeyboardEvent): void {
  if (event.target !== document.body && !(event.target instanceof HTMLElement && event.target.id === 'main'))
    return
  const here = document.querySelector<HTMLElement>('[data-row][data-here]')
  here?.querySelector<HTMLElement>('a.strong')?.click()
}

function mark(): void {
  document.querySelector<HTMLInputElement>('[data-row][data-here] input[type="checkbox"]')?.click()
}
