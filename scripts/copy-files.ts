// What the compiler does not move: the migrations, and the assets of the API's page. The page's package itself
// stays out of what users install: it brings an install script along.

import { cpSync, mkdirSync } from 'node:fs'

const at = (path: string): URL => new URL(`../${path}`, import.meta.url)

cpSync(at('src/adapters/sqlite/migrations/'), at('dist/adapters/sqlite/migrations/'), { recursive: true })

const assets = 'dist/doors/rest/docs-assets/'
mkdirSync(at(assets), { recursive: true })
for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js', 'LICENSE', 'NOTICE']) {
  cpSync(at(`node_modules/swagger-ui-dist/${name}`), at(assets + name))
}
