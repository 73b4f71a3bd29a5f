-- The quota of runs under way: those of a project that are, or have been let go. What waits for room under it and has no
-- concurrency key of its own waits under the empty one, which nobody can ask for.
CREATE INDEX runs_admitted ON runs (project_no, node_no, ready_at)
  WHERE waits = 0 AND finished_at IS NULL AND ready_at IS NOT NULL;
