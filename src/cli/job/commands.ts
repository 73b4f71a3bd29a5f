// carillon job …

import { Argument, type Command, Option } from 'commander'
import { type Fill, finish, later, leaf } from '../command-tree.ts'
import { duration } from '../durations.ts'
import { wholeNumber } from '../numbers.ts'
import { addPageOptions } from '../page-options.ts'
import { TIME_WORDS } from '../point-in-time.ts'
import { repeated } from '../repeated.ts'
import { addDraftOptions, addScheduleOptions } from './draft-options.ts'

/** In `job create`, --url is what the job calls; the server is named before the command or by CARILLON_URL. */
const TARGET_URL = ['--url']

export const fillJob: Fill = (job, walk) => {
  const create = job.command('create [name]').description('Create a job from options, or jobs from a file')
  finish(addDraftOptions(create), TARGET_URL)
    .addHelpText('after', CREATE_EXAMPLES)
    .action(later(walk, async () => (await import('./create.ts')).createJob, TARGET_URL))

  addPageOptions(leaf(job, 'list', 'List jobs'))
    .option('-s, --search <text>', 'part of the name or description')
    .addOption(new Option('--status <status>', 'only these').choices(['active', 'paused', 'finished']))
    .option('-l, --label <key=value>', 'only with this label (repeat)', repeated)
    .option('-p, --project <name>', 'only of this project')
    .option('--due-from <time>', `only those due at this time or later (${TIME_WORDS})`)
    .option('--due-to <time>', 'only those due before this time')
    .action(later(walk, async () => (await import('./list.ts')).listJobs))

  withProject(leaf(job, 'get <job>', 'Show a job')).action(
    later(walk, async () => (await import('./get.ts')).getJob),
  )

  withProject(leaf(job, 'edit <job>', 'Change a job in $EDITOR, from a file, or part by part'))
    .option('-f, --file <path>', 'replace its definition by this file ("-": standard input)')
    .option(
      '--set <path=value>',
      'change one part: --set schedule.cron="0 3 * * *" (repeat; nothing after = removes it)',
      repeated,
    )
    .option('--dry-run', 'with -f or --set: only say what the server would make of it')
    .action(later(walk, async () => (await import('./edit.ts')).editJob))

  withProject(leaf(job, 'delete <job...>', 'Delete jobs; their ledger stays')).action(
    later(walk, async () => (await import('./delete.ts')).deleteJobs),
  )

  withProject(leaf(job, 'trigger <job>', 'Run a job now'))
    .option('--params <json>', 'sent in place of the body of the target ("@file": from a file)')
    .option('--force', 'also when it is paused')
    .option('--wait', 'wait for the end; exit with its result')
    .option('--follow', 'the same, telling what happens')
    .option('--timeout <duration>', 'wait no longer than this', duration)
    .action(later(walk, async () => (await import('./trigger.ts')).triggerJob))

  withProject(leaf(job, 'pause <job...>', 'No further runs until it is resumed'))
    .option('--until <time>', `resume by itself then (${TIME_WORDS})`)
    .option('--for <duration>', 'resume by itself after so long', duration)
    .option('--note <text>', 'why, for whoever finds it paused')
    .action(later(walk, async () => (await import('./pause.ts')).pauseJobs))

  withProject(leaf(job, 'resume <job...>', 'End a pause'))
    .addOption(
      new Option('--missed <what>', 'what the pause covered (default: the rule of the job)').choices([
        'skip',
        'latest',
        'all',
      ]),
    )
    .action(later(walk, async () => (await import('./pause.ts')).resumeJobs))

  withProject(addScheduleOptions(leaf(job, 'preview [job]', 'When is a job, or a schedule, due next?')))
    .option('-n, --count <number>', 'so many instants (default 10)', wholeNumber(1, 100))
    .option('--start <time>', `from here on (${TIME_WORDS})`)
    .action(later(walk, async () => (await import('./preview.ts')).previewJob))

  withProject(leaf(job, 'why <job> [time]', `Why did it ring, or not ring? (${TIME_WORDS})`)).action(
    later(walk, async () => (await import('./why.ts')).explainJob),
  )

  withProject(leaf(job, 'versions <job>', 'Every definition it has or had')).action(
    later(walk, async () => (await import('./versions.ts')).listVersions),
  )

  withProject(leaf(job, 'ledger <job>', 'What became of every due instant'))
    .option('--from <time>', 'from here (default: a day ago)')
    .option('--to <time>', 'up to here (default: in a day)')
    .option('-n, --limit <number>', 'at most so many entries of each kind', wholeNumber(1, 500))
    .action(later(walk, async () => (await import('./ledger.ts')).readLedger))

  withProject(leaf(job, 'calendar <job>', 'How the runs of each day ended'))
    .option('-n, --days <number>', 'so many days, today the last (default 35)', wholeNumber(1, 366))
    .option('--timezone <zone>', "whose days (default: the zone of the job's schedule)")
    .action(later(walk, async () => (await import('./calendar.ts')).readCalendar))

  bulk(leaf(job, 'bulk', 'Pause, resume, trigger or delete all jobs that a filter finds')).action(
    later(walk, async () => (await import('./bulk.ts')).bulkJobs),
  )
}

function bulk(command: Command): Command {
  return command
    .addArgument(new Argument('<action>', 'what to do').choices(['pause', 'resume', 'trigger', 'delete']))
    .option('-s, --search <text>', 'part of the name or description')
    .addOption(new Option('--status <status>', 'only these').choices(['active', 'paused', 'finished']))
    .option('-l, --label <key=value>', 'only with this label (repeat)', repeated)
    .option('-p, --project <name>', 'only of this project')
    .option('--due-from <time>', `only those due at this time or later (${TIME_WORDS})`)
    .option('--due-to <time>', 'only those due before this time')
    .option('--every', 'every job that the key may enter, without a filter')
    .option('--dry-run', 'only say how many there are')
    .option('--until <time>', `pause: resume by itself then (${TIME_WORDS})`)
    .option('--for <duration>', 'pause: resume by itself after so long', duration)
    .option('--note <text>', 'pause: why')
    .option('--params <json>', 'trigger: sent in place of the body ("@file": from a file)')
    .option('--force', 'trigger: also those that are paused')
    .option('--idempotency-key <key>', 'trigger: nothing twice when it is said again with the same')
}

function withProject(command: Command): Command {
  return command.option('-p, --project <name>', 'the project its name belongs to')
}

const CREATE_EXAMPLES = `
Examples:
  carillon job create ping --every 30s --url https://example.com/ping
  carillon job create close-day --cron "30 2 * * MON-FRI" --timezone Europe/Berlin \\
    --url https://billing.example.com/close-day --body '{"dryRun":false}'
  carillon job create -f jobs.yaml

Here --url is what the job calls. Name the server before the command (carillon --url … job create …)
or with CARILLON_URL.`
