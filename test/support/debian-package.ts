// Programs that tests need and a bare machine lacks. Several test files run at once and may want one at the same moment,
// which apt does not bear: a lock lets them come one after another, and the later ones find it there.

import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const LOCK = join(tmpdir(), 'carillon-tests-apt.lock')
const WITHIN_MS = 600_000
const TRIES = 3

/** Installs it where `isThere` says no and where that is possible: as root, on Debian. Says whether it is there now. */
export function ensurePackage(name: string, isThere: () => boolean): boolean {
  for (let tries = 0; tries < TRIES && !isThere() && process.getuid?.() === 0; tries += 1) {
    // A package that was removed without its settings is still known to dpkg, and not there.
    const install =
      `dpkg-query -W -f '\${Status}' "$1" 2>/dev/null | grep -q 'ok installed' || ` +
      '{ apt-get update -q && apt-get install -y -q "$1"; }'
    const done = spawnSync('flock', [LOCK, 'sh', '-c', install, 'sh', name], {
      stdio: 'ignore',
      timeout: WITHIN_MS,
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    // No such programs: not on Debian.
    if (done.error !== undefined) break
  }
  return isThere()
}
