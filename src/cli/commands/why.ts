// carillon why JOB [TIME]: the question, without a detour.

import { type Fill, finish, later } from '../command-tree.ts'
import { TIME_WORDS } from '../point-in-time.ts'

export const fillWhy: Fill = (command, walk) => {
  finish(command)
    .argument('<job>', 'name or id')
    .argument('[time]', `default: the last time it was due (${TIME_WORDS})`)
    .option('-p, --project <name>', 'the project its name belongs to')
    .action(later(walk, async () => (await import('../job/why.ts')).explainJob))
}
