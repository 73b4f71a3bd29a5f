// The page while one works on it: served by Vite from its sources, its data from a server that runs beside.

import { createServer } from 'vite'
import { PAGE_CONFIG } from './page-config.ts'

const target = process.env['CARILLON_URL'] ?? 'http://127.0.0.1:8080'
const page = await createServer({ ...PAGE_CONFIG, server: { proxy: { '/v1': target, '/version': target } } })
await page.listen()
page.printUrls()
