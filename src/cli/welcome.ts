// What `carillon up` prints: where it is, how to come in, and three commands that work as they stand.

import type { Config } from '../main/config/config.ts'
import type { Paint } from './show/paint.ts'

export type Welcome = {
  readonly url: string
  readonly pageUrl: string | null
  readonly adminKey: { readonly value: string | null; readonly path: string; readonly created: boolean }
  readonly config: Config
  readonly paint: Paint
}

export function welcome({ url, pageUrl, adminKey, config, paint }: Welcome): string {
  const dataDir = config.dataDir
  // The commands find address and key by themselves in the usual place; elsewhere they must be told.
  const place = [
    url === 'http://127.0.0.1:8080' ? '' : `CARILLON_URL=${url} `,
    config.adminKey === null && /^(?:\.\/)?data\/?$/.test(dataDir) ? '' : dataWord(config),
  ].join('')
  const command = (words: string): string => `  ${paint('cyan', `${place}npx carillon ${words}`)}`
  return [
    `${paint('bold', 'Carillon')} is up at ${paint('bold', url)}`,
    ...(pageUrl === null
      ? []
      : [`Page    ${paint('cyan', pageUrl)} (signs in once, soon; another: carillon page)`]),
    `Key     ${keyWords(adminKey, config)}`,
    `Data    ${dataDir}`,
    '',
    'Try it, in another terminal of this directory:',
    command(`job create hello --every 10s --url ${url}/livez`),
    command('run watch --job hello'),
    command('why hello'),
    '',
    'Ctrl-C stops it; the data stays.',
  ].join('\n')
}

function keyWords(adminKey: Welcome['adminKey'], config: Config): string {
  if (adminKey.created && adminKey.value !== null)
    return `${adminKey.value} (shown this once, kept in ${adminKey.path})`
  return config.adminKey === null ? `kept in ${adminKey.path}` : 'the one that is configured'
}

function dataWord(config: Config): string {
  if (config.adminKey !== null) return 'CARILLON_API_KEY="$CARILLON_ADMIN_KEY" '
  return `CARILLON_DATA_DIR=${shellWord(config.dataDir)} `
}

function shellWord(text: string): string {
  return /^[\w./~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
