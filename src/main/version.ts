// What is running: the package's version, the platform, and the time zone data it decides with.

import packageFile from '../../package.json' with { type: 'json' }

export type Version = {
  readonly version: string
  readonly node: string
  readonly tzdata: string
  readonly sqlite: string
}

export const version: Version = {
  version: packageFile.version,
  node: process.version,
  tzdata: process.versions.tz ?? 'unknown',
  sqlite: process.versions.sqlite ?? 'unknown',
}

export const userAgent = `carillon/${packageFile.version}`
