-- Who changed what. Written with the change; linked, each to the one before it, a moment later.
CREATE TABLE audit (
  no INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  actor_id TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  action TEXT NOT NULL,
  project_id TEXT,
  subject TEXT,
  detail TEXT NOT NULL,
  link INTEGER UNIQUE,
  hash TEXT
) STRICT;

CREATE INDEX audit_unlinked ON audit (no) WHERE link IS NULL;
CREATE INDEX audit_by_project ON audit (project_id, no);
CREATE INDEX audit_by_action ON audit (action, no);
CREATE INDEX audit_by_actor ON audit (actor_id, no);

CREATE TRIGGER audit_stays BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'an audit entry is never deleted'); END;

CREATE TRIGGER audit_does_not_change BEFORE UPDATE ON audit
WHEN OLD.link IS NOT NULL OR OLD.id IS NOT NEW.id OR OLD.at IS NOT NEW.at OR OLD.actor_id IS NOT NEW.actor_id
  OR OLD.actor_name IS NOT NEW.actor_name OR OLD.action IS NOT NEW.action OR OLD.project_id IS NOT NEW.project_id
  OR OLD.subject IS NOT NEW.subject OR OLD.detail IS NOT NEW.detail
BEGIN SELECT RAISE(ABORT, 'an audit entry never changes'); END;
