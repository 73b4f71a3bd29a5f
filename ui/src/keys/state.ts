// What the keyboard has opened, and what the view at hand lets it do.

import { signal } from '@preact/signals'

export const palette = signal(false)
export const keySheet = signal(false)

export type Deed = { readonly label: string; readonly run: () => void }

/** Offered by the view that is open. */
export const deeds = signal<readonly Deed[]>([])
