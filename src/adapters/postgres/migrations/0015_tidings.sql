-- What attempts on agents tell of themselves while they go on, each under its fence. Gone when nobody holds the run any more.
CREATE TABLE tidings (
  run_id text NOT NULL,
  fence bigint NOT NULL,
  heard_at bigint NOT NULL,
  progress double precision, -- from 0 to 1
  message text,
  ends_by bigint, -- it may take until then, longer than its policy says
  PRIMARY KEY (run_id, fence)
);

CREATE FUNCTION run_ends_tidings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN DELETE FROM tidings WHERE run_id = OLD.id; RETURN NULL; END $$;

CREATE TRIGGER runs_end_tidings AFTER UPDATE ON runs FOR EACH ROW
WHEN (OLD.pool_no > 0 AND OLD.node_no IS NOT NULL AND NEW.node_no IS NULL) EXECUTE FUNCTION run_ends_tidings();
