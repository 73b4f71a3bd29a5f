// Where the page begins.

import { render } from 'preact'
import { App } from './app.tsx'
import { findOut } from './state/visit.ts'

void findOut()
const place = document.getElementById('page')
if (place !== null) render(<App />, place)
