-- Whom the jobs of a project may call, and how much it may use. Nothing said: what holds for all.
ALTER TABLE projects ADD COLUMN targets TEXT NOT NULL DEFAULT '{}';
ALTER TABLE projects ADD COLUMN quotas TEXT NOT NULL DEFAULT '{}';
