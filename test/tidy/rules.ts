// All rules of the house, in the order they are told.

import { circleRule } from './circles.ts'
import { linkRule, namedFileRule, scriptRule } from './documents.ts'
import { machinePathRule } from './machine-paths.ts'
import { exportRule, fileNameRule } from './names.ts'
import { packageRule } from './packages.ts'
import { roomRule } from './rooms.ts'
import { beginningRule, importRule, laterRule, testRule } from './source-files.ts'
import { surroundingsRule } from './surroundings.ts'
import type { Rule } from './violation.ts'
import { waysOutRule } from './ways-out.ts'

export const RULES: readonly Rule[] = [
  roomRule,
  circleRule,
  surroundingsRule,
  waysOutRule,
  fileNameRule,
  exportRule,
  beginningRule,
  laterRule,
  importRule,
  testRule,
  machinePathRule,
  packageRule,
  linkRule,
  scriptRule,
  namedFileRule,
]
