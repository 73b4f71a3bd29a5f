// One call of one command: its options, its client, and how it speaks.

import { type ClientSettings, ClientSettingsError, clientSettings } from '../main/config/client-settings.ts'
import { type CarillonClient, createClient } from '../sdk/index.ts'
import { CliError } from './cli-error.ts'
import { EXIT } from './exit-code.ts'
import type { GlobalOptions } from './global-options.ts'
import { tokenOfLogin } from './login/token-of-login.ts'
import { type Paint, painter } from './show/paint.ts'
import { safeJson, safeText } from './show/safe-text.ts'
import type { TableLook } from './show/table.ts'
import { hasColours, type Terminal } from './terminal.ts'

/** A person waits: better say soon that nobody answers. */
const RETRIES = 1

export class Session {
  readonly terminal: Terminal
  readonly options: GlobalOptions
  /** What the process will end with when nothing is thrown; one of EXIT, or that of a process that was followed. */
  exitCode: number = EXIT.ok
  #client: CarillonClient | null = null
  #settings: ClientSettings | null = null

  constructor(terminal: Terminal, options: GlobalOptions) {
    this.terminal = terminal
    this.options = options
  }

  /** Made when first needed, so that commands without a server need no settings. */
  get client(): CarillonClient {
    if (this.#client === null) {
      const { url, apiKey, apiKeyOrigin, urlOrigin, login } = this.settings
      this.note(
        `server ${url} (${urlOrigin}), key ${apiKeyOrigin === null ? 'none' : `from ${apiKeyOrigin}`}`,
      )
      const shown = login === undefined ? (apiKey ?? undefined) : () => tokenOfLogin(this, url, login)
      this.#client = createClient({ url, apiKey: shown, retries: RETRIES })
    }
    return this.#client
  }

  get settings(): ClientSettings {
    this.#settings ??= this.settingsAt(this.options.url)
    return this.#settings
  }

  /** What would be shown to a server elsewhere; undefined: to the one that is configured. */
  settingsAt(url: string | undefined): ClientSettings {
    const { terminal, options } = this
    try {
      const flags = {
        ...(url !== undefined && { url }),
        ...(options.apiKey && { apiKey: options.apiKey }),
      }
      return clientSettings({ flags, env: terminal.env, readFile: terminal.readFile })
    } catch (error) {
      if (error instanceof ClientSettingsError) throw new CliError(EXIT.usage, error.message)
      throw error
    }
  }

  get paint(): Paint {
    return painter(hasColours(this.terminal.stdout, this.terminal.env, this.options.color))
  }

  /** For what goes to standard error. */
  get talkPaint(): Paint {
    return painter(hasColours(this.terminal.stderr, this.terminal.env, this.options.color))
  }

  get look(): TableLook {
    const { isTTY, columns } = this.terminal.stdout
    return { paint: this.paint, width: isTTY === true && columns ? columns : null }
  }

  /** Data in the shape of the API, or `human` for people. */
  async print(data: unknown, human: () => string): Promise<void> {
    const format = this.options.output ?? 'table'
    if (format === 'json') this.write(safeJson(JSON.stringify(data, null, 2)))
    else if (format === 'yaml')
      this.write((await import('../main/yaml-documents.ts')).writeYaml(data).trimEnd())
    else this.write(human())
  }

  /** A line of data. */
  write(text: string): void {
    if (text !== '') this.terminal.stdout.write(`${text}\n`)
  }

  /** A line of talk. */
  say(text: string): void {
    if (this.options.quiet !== true) this.terminal.stderr.write(`${text}\n`)
  }

  warn(text: string): void {
    this.say(`${this.talkPaint('yellow', 'warning:')} ${safeText(text)}`)
  }

  /** A line of talk for who wants to know. */
  note(text: string): void {
    if (this.options.verbose === true) this.terminal.stderr.write(`${safeText(text)}\n`)
  }

  /** May a question be asked? */
  get interactive(): boolean {
    const { stdin, stderr } = this.terminal
    return this.options.input !== false && stdin.isTTY === true && stderr.isTTY === true
  }
}
