-- How a node ended, whether it is to take work, and what it said of itself last. From here on effects.held is the
-- number of the node that is telling it.

ALTER TABLE nodes ADD COLUMN ended TEXT
  CHECK (CASE ended WHEN 'left' THEN 1 WHEN 'lapsed' THEN 1 WHEN 'replaced' THEN 1 ELSE ended IS NULL END);
ALTER TABLE nodes ADD COLUMN draining INTEGER NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN figures TEXT;

UPDATE nodes SET ended = 'left' WHERE left_at IS NOT NULL;

CREATE INDEX nodes_there ON nodes (no) WHERE left_at IS NULL;
