-- Projects get equal shares of each step, and runs of one concurrency key wait for each other over all jobs of a project.

ALTER TABLE runs ADD COLUMN concurrency_key text;
ALTER TABLE runs ADD COLUMN waits boolean NOT NULL DEFAULT false; -- as many of its key as may be are under way

DROP INDEX runs_ready;
CREATE INDEX runs_ready ON runs (pool_no, ready_at, no) WHERE status = 'pending' AND ready_at IS NOT NULL AND NOT waits;
CREATE INDEX runs_ready_by_project ON runs (pool_no, project_no, ready_at, no)
  WHERE status = 'pending' AND ready_at IS NOT NULL AND NOT waits;
CREATE INDEX runs_waiting ON runs (project_no, concurrency_key, ready_at, no) WHERE waits AND status = 'pending';
CREATE INDEX runs_keyed ON runs (project_no, concurrency_key)
  WHERE concurrency_key IS NOT NULL AND NOT waits AND finished_at IS NULL;
CREATE INDEX jobs_due_by_project ON jobs (project_no, next_due_at) WHERE next_due_at IS NOT NULL;
