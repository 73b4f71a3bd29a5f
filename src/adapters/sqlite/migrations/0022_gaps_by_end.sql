-- The overview counts gaps by their last instant.
CREATE INDEX gaps_to ON gaps (to_at, no);
