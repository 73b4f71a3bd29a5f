// Light, dark, or as the system has it.

import { effect } from '@preact/signals'
import { storedChoice } from './stored.ts'

export const THEMES = ['system', 'light', 'dark'] as const

export const theme = storedChoice('theme', THEMES, 'system')

effect(() => {
  const root = document.documentElement
  if (theme.value === 'system') delete root.dataset['theme']
  else root.dataset['theme'] = theme.value
})
