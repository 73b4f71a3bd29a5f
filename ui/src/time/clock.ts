// What time it is for the page: one tick a second for all, and only while someone can see it.

import { signal } from '@preact/signals'

export const now = signal(Date.now())

setInterval(() => {
  if (!document.hidden) now.value = Date.now()
}, 1_000)

document.addEventListener('visibilitychange', () => {
  now.value = Date.now()
})
