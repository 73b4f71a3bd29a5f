-- What each run pays for at each step, made cheaper.

-- Taken back as a whole, a transaction needs no copy of the pages from before each statement. And looked at afterwards, a row
-- need not be found twice.
DROP TRIGGER runs_follow;
CREATE TRIGGER runs_follow AFTER UPDATE ON runs
WHEN OLD.finished_at IS NOT NULL
  OR NEW.fence < OLD.fence
  OR NEW.attempts < OLD.attempts
  OR (OLD.status = 'pending' AND (NEW.status = 'cancelling' OR NEW.status = 'succeeded'
    OR NEW.status = 'failed' OR NEW.status = 'unknown'))
  OR (OLD.status <> 'pending' AND (NEW.status = 'skipped' OR NEW.status = 'missed'))
  OR (OLD.status = 'cancelling' AND (NEW.status = 'pending' OR NEW.status = 'running'))
BEGIN SELECT RAISE(ROLLBACK, 'a run does not go this way: final statuses and old fences never change'); END;

-- Only what goes under a concurrency key or a quota is counted, so only that is in these. Of a project with a quota each run
-- has a key, the empty one where it has none of its own; those that were under way before get theirs here.
UPDATE runs INDEXED BY runs_open SET concurrency_key = ''
WHERE finished_at IS NULL AND node_no IS NOT NULL AND concurrency_key IS NULL
  AND project_no IN (SELECT no FROM projects WHERE json_extract(quotas, '$.concurrency') IS NOT NULL);

DROP INDEX runs_admitted;
CREATE INDEX runs_admitted ON runs (project_no, node_no, ready_at)
  WHERE concurrency_key IS NOT NULL AND waits = 0 AND finished_at IS NULL AND ready_at IS NOT NULL;

-- Those that wait under their key, and those that do not any more.
DROP INDEX runs_waiting;
DROP INDEX runs_keyed;
CREATE INDEX runs_keyed ON runs (waits, project_no, concurrency_key, ready_at)
  WHERE concurrency_key IS NOT NULL AND finished_at IS NULL;
