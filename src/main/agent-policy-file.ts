// The local policy of an agent, from a file of JSON or YAML. What it does not know it refuses: a misspelt rule is no rule.

import { readFileSync } from 'node:fs'
import type { LocalPolicy } from '../agent/local-policy.ts'
import { readYaml } from './yaml-documents.ts'

const SWITCHES = ['commands', 'shell', 'scripts'] as const
const LISTS = ['users', 'interpreters', 'directories', 'programs'] as const

export function readPolicyFile(path: string): LocalPolicy {
  let document: unknown
  try {
    document = readYaml(readFileSync(path, 'utf8'))[0] ?? {}
  } catch (error) {
    throw new Error(`the policy file ${path} cannot be read: ${(error as Error).message}`)
  }
  return checkPolicyDocument(document, path)
}

export function checkPolicyDocument(document: unknown, path: string): LocalPolicy {
  const refuse = (what: string): never => {
    throw new Error(`the policy file ${path} ${what}`)
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return refuse('is no object of rules')
  }
  for (const [name, value] of Object.entries(document)) {
    if ((SWITCHES as readonly string[]).includes(name)) {
      if (typeof value !== 'boolean') refuse(`says ${name}: it is true or false`)
    } else if ((LISTS as readonly string[]).includes(name)) {
      const isList = Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '')
      if (!isList) refuse(`says ${name}: it is a list of texts`)
      if (name === 'directories' && (value as string[]).some((folder) => !folder.startsWith('/')))
        refuse('says directories: they are absolute paths')
    } else {
      refuse(`has a rule "${name}", which is not known. Known: ${[...SWITCHES, ...LISTS].join(', ')}`)
    }
  }
  return document as LocalPolicy
}
