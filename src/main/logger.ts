// Log lines go to standard error, so that standard output stays the program's answer.

import pino, { type Logger } from 'pino'
import type { LogFormat, LogLevel } from './config/config.ts'
import { prettyLines } from './pretty-lines.ts'

const REDACTED = ['req.headers.authorization', 'req.headers["x-api-key"]', 'req.headers.cookie']

export function createLogger(level: LogLevel, format: LogFormat): Logger {
  const destination = format === 'pretty' ? prettyLines(process.stderr) : pino.destination(2)
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: REDACTED }, destination)
}

export type { Logger }
