// As much of a browser as signing in takes: cookies by host, redirects one by one, forms without scripts.

import assert from 'node:assert/strict'

export type Page = {
  readonly url: URL
  readonly status: number
  readonly text: string
  readonly cookies: readonly string[]
}

export class SmallBrowser {
  /** Host → name → value. Of a cookie's path only that it is there or not. */
  readonly #jar = new Map<string, Map<string, string>>()

  /** One request, no redirect followed. */
  async ask(url: string | URL, init: RequestInit = {}): Promise<Page & { readonly location: URL | null }> {
    const at = new URL(url)
    const cookie = [...(this.#jar.get(at.host) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { ...(init.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) }
    const response = await fetch(at, { ...init, headers, redirect: 'manual' })
    const cookies = response.headers.getSetCookie()
    this.#keep(at.host, cookies)
    const location = response.headers.get('location')
    return {
      url: at,
      status: response.status,
      text: await response.text(),
      cookies,
      location: location === null ? null : new URL(location, at),
    }
  }

  /** Follows redirects while `until` has not been reached. */
  async go(url: string | URL, init: RequestInit = {}, until = (_: URL): boolean => false): Promise<Page> {
    let page = await this.ask(url, init)
    for (let hops = 0; page.location !== null && !until(page.location); hops += 1) {
      assert.ok(hops < 20, 'redirects end')
      page = await this.ask(page.location)
    }
    return page.location === null ? page : { ...page, url: page.location }
  }

  /** Sends the form of a page, with these fields and the hidden ones. */
  async submit(
    page: Page,
    fields: Record<string, string> = {},
    until?: (url: URL) => boolean,
  ): Promise<Page> {
    const action = /<form[^>]* action="([^"]+)"/.exec(page.text)?.[1]
    assert.ok(action !== undefined, `a form: ${page.status} ${page.text.slice(0, 400)}`)
    const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
    const body = new URLSearchParams([
      ...hidden.map(([, name, value]): [string, string] => [name!, value!]),
      ...Object.entries(fields),
    ])
    return this.go(new URL(action.replaceAll('&amp;', '&'), page.url), { method: 'POST', body }, until)
  }

  cookie(url: string, name: string): string | undefined {
    return this.#jar.get(new URL(url).host)?.get(name)
  }

  forget(url: string, name: string): void {
    this.#jar.get(new URL(url).host)?.delete(name)
  }

  #keep(host: string, cookies: readonly string[]): void {
    const jar = this.#jar.get(host) ?? new Map<string, string>()
    this.#jar.set(host, jar)
    for (const cookie of cookies) {
      const [pair = ''] = cookie.split(';')
      const name = pair.slice(0, pair.indexOf('='))
      const value = pair.slice(name.length + 1)
      if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name)
      else jar.set(name, value)
    }
  }
}

/** Signs in at the issuer's own pages and says yes to whatever it asks. Ends where it would send the browser back. */
export async function signInAtIssuer(
  browser: SmallBrowser,
  authorize: string | URL,
  name: string,
  isBack: (url: URL) => boolean,
): Promise<URL> {
  let page = await browser.go(authorize, {}, isBack)
  for (let n = 0; n < 5 && !isBack(page.url); n += 1) {
    page = await browser.submit(
      page,
      /name="login"/.test(page.text) ? { login: name, password: 'x' } : {},
      isBack,
    )
  }
  assert.ok(isBack(page.url), `it sends back: ${page.url} ${page.text.slice(0, 300)}`)
  return page.url
}
