-- Lists of the audit are in the order of time, narrowed by one thing or several.
DROP INDEX audit_by_project;
DROP INDEX audit_by_action;
DROP INDEX audit_by_actor;
CREATE INDEX audit_by_time ON audit (at, no);
CREATE INDEX audit_by_project ON audit (project_id, at, no);
CREATE INDEX audit_by_action ON audit (action, at, no);
CREATE INDEX audit_by_actor ON audit (actor_id, at, no);
CREATE INDEX audit_by_subject ON audit (subject, at, no);
