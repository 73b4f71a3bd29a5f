// A real browser in front of a real server. What the page complains about in the console fails the test.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { ensurePackage } from '../support/debian-package.ts'
import { ADMIN_KEY } from '../support/server-process.ts'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const BUILD = fileURLToPath(new URL('../../scripts/build-page.ts', import.meta.url))

/** Where Chromium is; installed where it is missing and may be. null: it is not to be had here. */
export function findChromium(): string | null {
  const found = (): string | undefined => PLACES.find((path) => existsSync(path))
  ensurePackage('chromium', () => found() !== undefined)
  return found() ?? null
}

export function buildPage(): void {
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', BUILD, '--if-stale'])
}

/** What a browser says of a refused request is not the page's complaint. */
const EXPECTED =
  /Failed to load resource: (?:the server responded with a status of|net::ERR_CONNECTION_REFUSED|net::ERR_)/

export class Window implements AsyncDisposable {
  readonly page: Page
  /** What the console showed that is no news of the network. */
  readonly complaints: string[] = []
  readonly #close: () => Promise<void>

  private constructor(page: Page, close: () => Promise<void>) {
    this.page = page
    this.#close = close
    page.on('console', (message) => {
      if (message.type() === 'error' && !EXPECTED.test(message.text())) this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(String(error.stack)))
    page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    page.setDefaultTimeout(15_000)
  }

  static async open(browser: Browser, options: BrowserContextOptions = {}): Promise<Window> {
    const context = await browser.newContext({
      timezoneId: 'Europe/Berlin',
      viewport: { width: 1280, height: 800 },
      ...options,
    })
    return new Window(await context.newPage(), () => context.close())
  }

  async signIn(url: string, key = ADMIN_KEY): Promise<void> {
    await this.page.goto(`${url}/sign-in`)
    await this.page.getByLabel('API key').fill(key)
    await this.page.getByRole('button', { name: 'Sign in' }).click()
    await this.page.locator('.shell').waitFor()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
    assert.deepEqual(this.complaints, [])
  }
}

export async function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

/** What axe finds to be in somebody's way: of all of the page, or of the part that is named. */
export async function violations(page: Page, part = 'html'): Promise<string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
  return (await page.evaluate(
    `axe.run(${JSON.stringify(part)}, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) =>
       violations.map(({ id, nodes }) => id + ' ' + nodes.slice(0, 3).map(({ html, failureSummary }) => html.slice(0, 160) + ' ' + failureSummary.slice(0, 240)).join(' | ')))`,
  )) as string[]
}
