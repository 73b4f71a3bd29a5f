-- Whom the jobs of a project may call, and how much it may use. Nothing said: what holds for all. An older node leaves both alone.
ALTER TABLE projects ADD COLUMN targets text NOT NULL DEFAULT '{}';
ALTER TABLE projects ADD COLUMN quotas text NOT NULL DEFAULT '{}';
