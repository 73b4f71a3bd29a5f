// How the page is built: everything it needs is in it, nothing is inlined, names carry a hash of their content.

import { fileURLToPath } from 'node:url'
import type { InlineConfig } from 'vite'

export const PAGE_CONFIG: InlineConfig = {
  configFile: false,
  root: fileURLToPath(new URL('../ui/', import.meta.url)),
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: false,
  },
}
