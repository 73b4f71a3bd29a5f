-- Runs whose end was asked for are few, those that someone outside has may be many: the former are found without reading the
-- latter.
CREATE INDEX runs_cancelling ON runs (node_no, id) WHERE status = 'cancelling';

-- As the ids of runs: compared with them in another order its index served nobody, and each run that came back read all.
ALTER TABLE handed ALTER COLUMN run_id TYPE text COLLATE "C";
