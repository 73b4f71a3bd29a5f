// Tests of the page with a server, a browser and something to call of their own.

import { after, before, describe } from 'node:test'
import type { Browser } from 'playwright-core'
import type { JobDraft, JobWithWarnings } from '../../src/sdk/index.ts'
import { Folder } from '../support/folder.ts'
import { ServerProcess } from '../support/server-process.ts'
import { buildPage, findChromium, openBrowser, Window } from './browser.ts'
import { openTarget, type Target } from './target.ts'

export type Here = {
  readonly server: ServerProcess
  readonly browser: Browser
  readonly target: Target
  readonly folder: Folder
  /** One that is triggered, unless `more` says otherwise. */
  job(name: string, path?: string, more?: Partial<JobDraft>): Promise<JobWithWarnings>
  /** A window of somebody who may do everything. */
  signedIn(): Promise<Window>
}

export function withPage(name: string, tests: (here: Here) => void): void {
  const executable = findChromium()
  const skip = executable === null ? 'there is no Chromium here' : false
  describe(`the page: ${name}`, { skip }, () => {
    const folder = new Folder()
    const here = {
      folder,
      job: (job: string, path = '/', more: Partial<JobDraft> = {}) =>
        here.server.client.jobs.create({
          name: job,
          schedule: {},
          target: { http: { url: here.target.url + path } },
          ...more,
        }),
      signedIn: async () => {
        const window = await Window.open(here.browser)
        await window.signIn(here.server.url)
        return window
      },
    } as { -readonly [K in keyof Here]: Here[K] }
    before(async () => {
      buildPage()
      here.target = await openTarget()
      here.server = await ServerProcess.start({
        dataDir: folder.file('data'),
        args: ['--agent-slots', '2'],
      })
      here.browser = await openBrowser(executable!)
    })
    after(async () => {
      await here.browser?.close()
      await here.server?.[Symbol.asyncDispose]()
      await here.target?.[Symbol.asyncDispose]()
      folder[Symbol.dispose]()
    })
    tests(here)
  })
}
