// Every command, in the order of --help.

import type { TopCommand } from '../command-tree.ts'

export const COMMANDS: readonly TopCommand[] = [
  {
    name: 'up',
    description: 'Start a server on this machine to try things with',
    load: async () => (await import('./serve.ts')).fillUp,
  },
  {
    name: 'server',
    description: 'Start a server for keeps',
    load: async () => (await import('./serve.ts')).fillServer,
  },
  {
    name: 'check',
    description: 'Show the configuration in force, where it comes from, and what is wrong with it',
    load: async () => (await import('./check.ts')).fillCheck,
  },
  {
    name: 'migrate-store',
    description: 'Move everything from SQLite to PostgreSQL, or back',
    load: async () => (await import('./migrate-store.ts')).fillMigrateStore,
  },
  {
    name: 'page',
    description: 'A link that opens the web page, signed in',
    load: async () => (await import('./page.ts')).fillPage,
  },
  {
    name: 'login',
    description: 'Come in by an issuer that the server trusts',
    load: async () => (await import('./login.ts')).fillLogin,
  },
  {
    name: 'logout',
    description: 'Forget it, and have the issuer take it back',
    load: async () => (await import('./login.ts')).fillLogout,
  },
  {
    name: 'overview',
    description: 'How everything is, at a glance',
    load: async () => (await import('./overview.ts')).fillOverview,
  },
  {
    name: 'job',
    description: 'Jobs: what to run, when, under which rules',
    load: async () => (await import('../job/commands.ts')).fillJob,
  },
  {
    name: 'run',
    description: 'Runs: what rang, what did not, and how it went',
    load: async () => (await import('./run.ts')).fillRun,
  },
  {
    name: 'script',
    description: 'Scripts: uploaded once, run by agents',
    load: async () => (await import('./script.ts')).fillScript,
  },
  {
    name: 'secret',
    description: 'Secrets: set once, named in jobs, never shown',
    load: async () => (await import('./secret.ts')).fillSecret,
  },
  {
    name: 'why',
    description: 'Why did a job ring, or not ring, at a time?',
    load: async () => (await import('./why.ts')).fillWhy,
  },
  {
    name: 'cron',
    description: 'Try a schedule, without a server',
    load: async () => (await import('./cron.ts')).fillCron,
  },
  {
    name: 'project',
    description: 'Projects: namespaces of jobs and keys',
    load: async () => (await import('./project.ts')).fillProject,
  },
  {
    name: 'key',
    description: 'API keys',
    load: async () => (await import('./key.ts')).fillKey,
  },
  {
    name: 'settings',
    description: 'What the server runs with, and where each value came from',
    load: async () => (await import('./settings.ts')).fillSettings,
  },
  {
    name: 'visit',
    description: 'Who is signed in at the page',
    load: async () => (await import('./visit.ts')).fillVisit,
  },
  {
    name: 'audit',
    description: 'Who changed what, and whether that was tampered with',
    load: async () => (await import('./audit.ts')).fillAudit,
  },
  {
    name: 'agent',
    description: 'Start an agent on this machine; agents that are there, and tokens for new ones',
    load: async () => (await import('./agent.ts')).fillAgent,
  },
  {
    name: 'callback',
    description: 'Callbacks: who was told, and who could not be',
    load: async () => (await import('./callback.ts')).fillCallback,
  },
  {
    name: 'cluster',
    description: 'The servers that share one store',
    load: async () => (await import('./cluster.ts')).fillCluster,
  },
  {
    name: 'scheduler0',
    description: 'The commands of scheduler0, for whoever moves over',
    load: async () => (await import('./scheduler0.ts')).fillScheduler0,
  },
  {
    name: 'simple-scheduler',
    description: 'The commands of Simple Scheduler, for whoever moves over',
    load: async () => (await import('./simple-scheduler.ts')).fillSimpleScheduler,
  },
  {
    name: 'completion',
    description: 'A script that completes commands and names in your shell',
    load: async () => (await import('../completion/commands.ts')).fillCompletion,
  },
  {
    name: '__complete',
    description: 'Names for the completion scripts',
    hidden: true,
    load: async () => (await import('../completion/commands.ts')).fillNames,
  },
  {
    name: 'version',
    description: 'Which Carillon this is',
    load: async () => (await import('./version.ts')).fillVersion,
  },
]
