-- What a session holds, without a look at what servers hold.
CREATE INDEX runs_on_agents ON runs (node_no) WHERE node_no IS NOT NULL AND pool_no > 0;
