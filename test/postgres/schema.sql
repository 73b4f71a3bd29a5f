agents.no bigint not null
agents.id text not null
agents.name text not null
agents.key_id text not null
agents.granted text not null
agents.labels text not null
agents.project_ids text
agents.slots integer not null
agents.version text not null
agents.hostname text not null
agents.draining boolean not null
agents.session_no bigint
agents.created_at bigint not null
agents.removed_at bigint
attempts.run_no bigint not null
attempts.due_at bigint not null
attempts.number integer not null
attempts.fence bigint not null
attempts.node_no bigint not null
attempts.cause text not null
attempts.started_at bigint not null
attempts.ended_at bigint not null
attempts.outcome text not null
attempts.detail text
attempts.part integer
audit.no bigint not null
audit.id text not null
audit.at bigint not null
audit.actor_id text not null
audit.actor_name text not null
audit.action text not null
audit.project_id text
audit.subject text
audit.detail text not null
audit.link bigint
audit.hash text
deliveries.effect_no bigint not null
deliveries.number integer not null
deliveries.started_at bigint not null
deliveries.ended_at bigint not null
deliveries.status integer
deliveries.ok boolean not null
deliveries.message text not null
discarded.no bigint not null
discarded.prefix text not null
effects.no bigint not null
effects.id text not null
effects.run_id text not null
effects.due_at bigint not null
effects.job_no bigint not null
effects.project_no bigint not null
effects.callback text not null
effects.status text not null
effects.tries integer not null
effects.next_try_at bigint
effects.held bigint
effects.created_at bigint not null
effects.ended_at bigint
gaps.no bigint not null
gaps.id text not null
gaps.job_no bigint not null
gaps.version integer not null
gaps.from_at bigint not null
gaps.to_at bigint not null
gaps.count bigint not null
gaps.status text not null
gaps.reason text not null
gaps.created_at bigint not null
handed.run_id text not null
handed.due_at bigint not null
handed.accepted_at bigint
handed.look_at bigint
handed.told boolean not null
handed.heard_at bigint
handed.progress double precision
handed.message text
handed.ends_by bigint
job_versions.job_no bigint not null
job_versions.version integer not null
job_versions.spec text not null
job_versions.created_at bigint not null
job_versions.created_by text not null
jobs.no bigint not null
jobs.id text not null
jobs.project_no bigint not null
jobs.name text not null
jobs.description text
jobs.labels text
jobs.version integer not null
jobs.status text not null
jobs.pause text
jobs.planned_through bigint not null
jobs.next_due_at bigint
jobs.runs_planned bigint not null
jobs.created_at bigint not null
jobs.updated_at bigint not null
jobs.deleted_at bigint
jobs.sweep_at bigint not null
join_tokens.no bigint not null
join_tokens.id text not null
join_tokens.hint text not null
join_tokens.hash text not null
join_tokens.labels text not null
join_tokens.project_ids text
join_tokens.created_at bigint not null
join_tokens.created_by text not null
join_tokens.expires_at bigint not null
join_tokens.used_at bigint
join_tokens.used_by text
keys.no bigint not null
keys.id text not null
keys.name text not null
keys.hint text not null
keys.hash text not null
keys.previous_hash text
keys.previous_until bigint
keys.scopes text not null
keys.project_ids text
keys.created_at bigint not null
keys.expires_at bigint
keys.last_used_at bigint
keys.revoked_at bigint
late_reports.run_no bigint not null
late_reports.due_at bigint not null
late_reports.number integer not null
late_reports.at bigint not null
late_reports.outcome text not null
late_reports.detail text
logs.run_id text not null
logs.due_at bigint not null
logs.attempt integer not null
logs.part integer not null
logs.fence bigint not null
logs.chunks bigint not null
logs.bytes bigint not null
logs.text_bytes bigint not null
logs.lines bigint not null
logs.dropped bigint not null
logs.created_at bigint not null
logs.sealed_at bigint
logs.whole boolean
migrations.number integer not null
migrations.name text not null
migrations.sha256 text not null
migrations.applied_at bigint not null
nodes.no bigint not null
nodes.id text not null
nodes.hostname text not null
nodes.pid integer not null
nodes.version text not null
nodes.started_at bigint not null
nodes.lease_until bigint not null
nodes.left_at bigint
nodes.ended text
nodes.emptied_at bigint
nodes.draining boolean not null
nodes.figures text
nodes.agent_no bigint
nodes.seen_at bigint
once.scope text not null
once.key text not null
once.hash text not null
once.result text not null
once.at bigint not null
once.asked integer not null
parts.run_no bigint not null
parts.run_id text not null
parts.due_at bigint not null
parts.part integer not null
parts.total integer not null
parts.pool_no bigint not null
parts.agent_no bigint
parts.status text not null
parts.cause text not null
parts.attempt integer not null
parts.fence bigint not null
parts.ready_at bigint not null
parts.start_by bigint
parts.node_no bigint
parts.leased_at bigint
parts.message text
parts.ended_at bigint
pools.no bigint not null
pools.project_no bigint not null
pools.labels text not null
projects.no bigint not null
projects.id text not null
projects.name text not null
projects.description text
projects.keep text not null
projects.version integer not null
projects.created_at bigint not null
projects.updated_at bigint not null
projects.targets text not null
projects.quotas text not null
quota_use.project_no bigint not null
quota_use.what text not null
quota_use.since bigint not null
quota_use.used bigint not null
runs.no bigint not null
runs.id text not null
runs.job_no bigint not null
runs.project_no bigint not null
runs.job_name text not null
runs.version integer not null
runs.trigger text not null
runs.due_at bigint not null
runs.off_schedule bigint not null
runs.late boolean not null
runs.status text not null
runs.reason text
runs.fence bigint not null
runs.attempts integer not null
runs.cause text not null
runs.ready_at bigint
runs.not_before bigint
runs.start_by bigint
runs.node_no bigint
runs.leased_at bigint
runs.created_at bigint not null
runs.started_at bigint
runs.finished_at bigint
runs.message text
runs.params text
runs.has_callback boolean not null
runs.pool_no bigint not null
runs.concurrency_key text
runs.waits boolean not null
scripts.no bigint not null
scripts.project_no bigint not null
scripts.sha256 text not null
scripts.name text
scripts.interpreter text
scripts.bytes bigint not null
scripts.blob text not null
scripts.created_at bigint not null
scripts.created_by text not null
secrets.no bigint not null
secrets.project_no bigint not null
secrets.name text not null
secrets.id text not null
secrets.key_id text not null
secrets.sealed text not null
secrets.created_at bigint not null
secrets.updated_at bigint not null
secrets.updated_by text not null
sequences.name text not null
sequences.next bigint not null
server_secrets.name text not null
server_secrets.value text not null
tidings.run_id text not null
tidings.fence bigint not null
tidings.heard_at bigint not null
tidings.progress double precision
tidings.message text
tidings.ends_by bigint
upkeep.only_one boolean not null
upkeep.default_days double precision
upkeep.probes bigint not null
visits.no bigint not null
visits.id text not null
visits.kind text not null
visits.hash text not null
visits.key_id text not null
visits.created_at bigint not null
visits.expires_at bigint not null
visits.key_hash text
visits.guest text

agents: PRIMARY KEY (no)
agents: UNIQUE (id)
agents: UNIQUE (key_id)
attempts: CHECK ((fence > 0))
attempts: CHECK ((outcome = ANY (ARRAY['ok'::text, 'error'::text, 'timeout'::text, 'lost'::text, 'refused'::text, 'cancelled'::text])))
attempts: PRIMARY KEY (run_no, number, due_at)
audit: PRIMARY KEY (no)
audit: UNIQUE (id)
audit: UNIQUE (link)
deliveries: PRIMARY KEY (effect_no, number)
discarded: PRIMARY KEY (no)
effects: CHECK (
CASE status
    WHEN 'pending'::text THEN ((next_try_at IS NOT NULL) AND (ended_at IS NULL))
    WHEN 'delivered'::text THEN ((next_try_at IS NULL) AND (ended_at IS NOT NULL))
    WHEN 'dead'::text THEN ((next_try_at IS NULL) AND (ended_at IS NOT NULL))
    ELSE false
END)
effects: CHECK ((tries >= 0))
effects: PRIMARY KEY (no)
effects: UNIQUE (id)
effects: UNIQUE (run_id)
gaps: CHECK ((count >= 1))
gaps: CHECK ((from_at <= to_at))
gaps: CHECK ((reason = ANY (ARRAY['overlap'::text, 'paused'::text, 'calendar'::text, 'too_late'::text, 'catch_up_limit'::text, 'quota'::text, 'no_agent'::text, 'superseded'::text, 'job_deleted'::text])))
gaps: CHECK ((status = ANY (ARRAY['skipped'::text, 'missed'::text])))
gaps: FOREIGN KEY (job_no) REFERENCES jobs(no)
gaps: PRIMARY KEY (no)
gaps: UNIQUE (job_no, from_at)
handed: PRIMARY KEY (run_id)
job_versions: PRIMARY KEY (job_no, version)
jobs: CHECK (
CASE status
    WHEN 'active'::text THEN (pause IS NULL)
    WHEN 'paused'::text THEN (pause IS NOT NULL)
    WHEN 'finished'::text THEN ((pause IS NULL) AND (next_due_at IS NULL))
    ELSE false
END)
jobs: CHECK (((deleted_at IS NULL) OR (next_due_at IS NULL)))
jobs: CHECK (((version >= 1) AND (version <= 1048575)))
jobs: CHECK ((runs_planned >= 0))
jobs: FOREIGN KEY (project_no) REFERENCES projects(no)
jobs: PRIMARY KEY (no)
jobs: UNIQUE (id)
join_tokens: PRIMARY KEY (no)
join_tokens: UNIQUE (hash)
join_tokens: UNIQUE (id)
keys: CHECK (((previous_hash IS NULL) = (previous_until IS NULL)))
keys: PRIMARY KEY (no)
keys: UNIQUE (hash)
keys: UNIQUE (id)
late_reports: PRIMARY KEY (run_no, number)
logs: CHECK (((attempt >= 1) AND (attempt <= 1048575)))
logs: CHECK (((sealed_at IS NULL) = (whole IS NULL)))
logs: CHECK ((chunks >= 0))
logs: CHECK ((fence > 0))
logs: CHECK ((part >= 0))
logs: PRIMARY KEY (run_id, attempt, part)
migrations: PRIMARY KEY (number)
nodes: CHECK (((left_at IS NULL) = (ended IS NULL)))
nodes: CHECK ((ended = ANY (ARRAY['left'::text, 'lapsed'::text, 'replaced'::text])))
nodes: PRIMARY KEY (no)
nodes: UNIQUE (id)
once: PRIMARY KEY (scope, key)
parts: CHECK (((node_no IS NULL) = (leased_at IS NULL)))
parts: CHECK (((status <> 'running'::text) OR ((attempt > 0) AND (fence > 0))))
parts: CHECK (((status = 'running'::text) = (node_no IS NOT NULL)))
parts: CHECK (((status = ANY (ARRAY['waiting'::text, 'running'::text])) = (ended_at IS NULL)))
parts: CHECK ((attempt >= 0))
parts: CHECK ((fence >= 0))
parts: CHECK ((part >= 0))
parts: CHECK ((status = ANY (ARRAY['waiting'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text, 'unknown'::text])))
parts: CHECK ((total > part))
parts: PRIMARY KEY (run_no, part)
pools: PRIMARY KEY (no)
pools: UNIQUE (project_no, labels)
projects: CHECK ((version >= 1))
projects: PRIMARY KEY (no)
projects: UNIQUE (id)
projects: UNIQUE (name)
quota_use: CHECK ((used >= 0))
quota_use: CHECK ((what = ANY (ARRAY['runs'::text, 'log_bytes'::text])))
quota_use: FOREIGN KEY (project_no) REFERENCES projects(no) ON DELETE CASCADE
quota_use: PRIMARY KEY (project_no, what)
runs: CHECK (
CASE status
    WHEN 'pending'::text THEN ((node_no IS NULL) AND (leased_at IS NULL) AND (not_before IS NOT NULL) AND (finished_at IS NULL) AND (reason IS NULL))
    WHEN 'running'::text THEN ((node_no IS NOT NULL) AND (leased_at IS NOT NULL) AND (ready_at IS NOT NULL) AND (started_at IS NOT NULL) AND (fence > 0) AND (attempts > 0) AND (finished_at IS NULL) AND (reason IS NULL))
    WHEN 'cancelling'::text THEN ((node_no IS NOT NULL) AND (leased_at IS NOT NULL) AND (ready_at IS NOT NULL) AND (started_at IS NOT NULL) AND (fence > 0) AND (attempts > 0) AND (finished_at IS NULL) AND (reason IS NULL))
    WHEN 'succeeded'::text THEN ((node_no IS NULL) AND (leased_at IS NULL) AND (finished_at IS NOT NULL) AND (reason IS NULL))
    WHEN 'failed'::text THEN ((node_no IS NULL) AND (leased_at IS NULL) AND (finished_at IS NOT NULL) AND (reason IS NULL))
    WHEN 'unknown'::text THEN ((node_no IS NULL) AND (leased_at IS NULL) AND (finished_at IS NOT NULL) AND (reason IS NULL))
    WHEN 'cancelled'::text THEN ((node_no IS NULL) AND (leased_at IS NULL) AND (finished_at IS NOT NULL))
    WHEN 'skipped'::text THEN ((node_no IS NULL) AND (leased_at IS NULL) AND (finished_at IS NOT NULL) AND (reason IS NOT NULL))
    WHEN 'missed'::text THEN ((node_no IS NULL) AND (leased_at IS NULL) AND (finished_at IS NOT NULL) AND (reason IS NOT NULL))
    ELSE false
END)
runs: CHECK (
CASE trigger
    WHEN 'schedule'::text THEN (off_schedule = 0)
    WHEN 'manual'::text THEN (off_schedule = no)
    WHEN 'retry'::text THEN (off_schedule = no)
    ELSE false
END)
runs: CHECK (((attempts >= 0) AND (attempts <= 1048575)))
runs: CHECK ((cause = ANY (ARRAY['first'::text, 'retry_policy'::text, 'node_lost'::text, 'lease_expired'::text, 'refused'::text])))
runs: CHECK ((fence >= 0))
runs: CHECK ((reason = ANY (ARRAY['overlap'::text, 'paused'::text, 'calendar'::text, 'too_late'::text, 'catch_up_limit'::text, 'quota'::text, 'no_agent'::text, 'superseded'::text, 'job_deleted'::text])))
runs: UNIQUE (job_no, due_at, off_schedule)
scripts: CHECK ((bytes > 0))
scripts: PRIMARY KEY (no)
scripts: UNIQUE (blob)
scripts: UNIQUE (project_no, sha256)
secrets: PRIMARY KEY (no)
secrets: UNIQUE (id)
secrets: UNIQUE (project_no, name)
sequences: PRIMARY KEY (name)
server_secrets: PRIMARY KEY (name)
tidings: PRIMARY KEY (run_id, fence)
upkeep: CHECK (only_one)
upkeep: PRIMARY KEY (only_one)
visits: CHECK ((kind = ANY (ARRAY['ticket'::text, 'visit'::text])))
visits: PRIMARY KEY (no)
visits: UNIQUE (hash)
visits: UNIQUE (id)

CREATE INDEX audit_by_action ON public.audit USING btree (action, at, no)
CREATE INDEX audit_by_actor ON public.audit USING btree (actor_id, at, no)
CREATE INDEX audit_by_project ON public.audit USING btree (project_id, at, no)
CREATE INDEX audit_by_subject ON public.audit USING btree (subject, at, no)
CREATE INDEX audit_by_time ON public.audit USING btree (at, no)
CREATE INDEX audit_unlinked ON public.audit USING btree (no) WHERE (link IS NULL)
CREATE INDEX effects_due ON public.effects USING btree (next_try_at, no) WHERE (next_try_at IS NOT NULL)
CREATE INDEX effects_held ON public.effects USING btree (held) WHERE (held IS NOT NULL)
CREATE INDEX effects_job ON public.effects USING btree (job_no, no)
CREATE INDEX effects_undelivered ON public.effects USING btree (status, no) WHERE (status <> 'delivered'::text)
CREATE INDEX gaps_to ON public.gaps USING btree (to_at, no)
CREATE INDEX handed_look ON public.handed USING btree (look_at) WHERE (look_at IS NOT NULL)
CREATE INDEX jobs_deleted ON public.jobs USING btree (deleted_at) WHERE (deleted_at IS NOT NULL)
CREATE INDEX jobs_due ON public.jobs USING btree (next_due_at) WHERE (next_due_at IS NOT NULL)
CREATE INDEX jobs_due_by_project ON public.jobs USING btree (project_no, next_due_at) WHERE (next_due_at IS NOT NULL)
CREATE INDEX jobs_finished ON public.jobs USING btree (project_no) WHERE ((status = 'finished'::text) AND (deleted_at IS NULL))
CREATE INDEX jobs_paused ON public.jobs USING btree (project_no, name) WHERE ((status = 'paused'::text) AND (deleted_at IS NULL))
CREATE INDEX jobs_sweep ON public.jobs USING btree (sweep_at)
CREATE INDEX keys_previous ON public.keys USING btree (previous_hash) WHERE (previous_hash IS NOT NULL)
CREATE INDEX logs_open ON public.logs USING btree (run_id, attempt) WHERE (sealed_at IS NULL)
CREATE INDEX nodes_there ON public.nodes USING btree (no) WHERE (left_at IS NULL)
CREATE INDEX nodes_to_empty ON public.nodes USING btree (no) WHERE (emptied_at IS NULL)
CREATE INDEX once_at ON public.once USING btree (at)
CREATE INDEX parts_for_any ON public.parts USING btree (pool_no, ready_at, run_no, part) WHERE ((status = 'waiting'::text) AND (agent_no IS NULL))
CREATE INDEX parts_for_one ON public.parts USING btree (agent_no, ready_at, run_no) WHERE ((status = 'waiting'::text) AND (agent_no IS NOT NULL))
CREATE INDEX parts_held ON public.parts USING btree (node_no) WHERE (node_no IS NOT NULL)
CREATE INDEX parts_start_by ON public.parts USING btree (start_by) WHERE ((status = 'waiting'::text) AND (start_by IS NOT NULL))
CREATE INDEX runs_admitted ON ONLY public.runs USING btree (project_no, node_no, ready_at) WHERE ((NOT waits) AND (finished_at IS NULL) AND (ready_at IS NOT NULL))
CREATE INDEX runs_cancelling ON ONLY public.runs USING btree (node_no, id) WHERE (status = 'cancelling'::text)
CREATE INDEX runs_due ON ONLY public.runs USING btree (project_no, due_at, no)
CREATE INDEX runs_held ON ONLY public.runs USING btree (node_no) WHERE (node_no IS NOT NULL)
CREATE INDEX runs_id ON ONLY public.runs USING btree (id)
CREATE INDEX runs_keyed ON ONLY public.runs USING btree (project_no, concurrency_key) WHERE ((concurrency_key IS NOT NULL) AND (NOT waits) AND (finished_at IS NULL))
CREATE INDEX runs_odd ON ONLY public.runs USING btree (project_no, status, due_at, no) WHERE ((finished_at IS NOT NULL) AND (status <> 'succeeded'::text))
CREATE INDEX runs_open ON ONLY public.runs USING btree (job_no, ready_at) WHERE (finished_at IS NULL)
CREATE INDEX runs_queued ON ONLY public.runs USING btree (job_no, no) WHERE ((status = 'pending'::text) AND (ready_at IS NULL))
CREATE INDEX runs_ready ON ONLY public.runs USING btree (pool_no, ready_at, no) WHERE ((status = 'pending'::text) AND (ready_at IS NOT NULL) AND (NOT waits))
CREATE INDEX runs_ready_by_project ON ONLY public.runs USING btree (pool_no, project_no, ready_at, no) WHERE ((status = 'pending'::text) AND (ready_at IS NOT NULL) AND (NOT waits))
CREATE INDEX runs_start_by ON ONLY public.runs USING btree (start_by) WHERE ((status = 'pending'::text) AND (start_by IS NOT NULL))
CREATE INDEX runs_waiting ON ONLY public.runs USING btree (project_no, concurrency_key, ready_at, no) WHERE (waits AND (status = 'pending'::text))
CREATE INDEX secrets_by_key ON public.secrets USING btree (key_id)
CREATE INDEX visits_expiry ON public.visits USING btree (expires_at)
CREATE UNIQUE INDEX agents_id_key ON public.agents USING btree (id)
CREATE UNIQUE INDEX agents_key_id_key ON public.agents USING btree (key_id)
CREATE UNIQUE INDEX agents_name ON public.agents USING btree (name) WHERE (removed_at IS NULL)
CREATE UNIQUE INDEX agents_pkey ON public.agents USING btree (no)
CREATE UNIQUE INDEX attempts_pkey ON ONLY public.attempts USING btree (run_no, number, due_at)
CREATE UNIQUE INDEX audit_id_key ON public.audit USING btree (id)
CREATE UNIQUE INDEX audit_link_key ON public.audit USING btree (link)
CREATE UNIQUE INDEX audit_pkey ON public.audit USING btree (no)
CREATE UNIQUE INDEX deliveries_pkey ON public.deliveries USING btree (effect_no, number)
CREATE UNIQUE INDEX discarded_pkey ON public.discarded USING btree (no)
CREATE UNIQUE INDEX effects_id_key ON public.effects USING btree (id)
CREATE UNIQUE INDEX effects_pkey ON public.effects USING btree (no)
CREATE UNIQUE INDEX effects_run_id_key ON public.effects USING btree (run_id)
CREATE UNIQUE INDEX gaps_job_no_from_at_key ON public.gaps USING btree (job_no, from_at)
CREATE UNIQUE INDEX gaps_pkey ON public.gaps USING btree (no)
CREATE UNIQUE INDEX handed_pkey ON public.handed USING btree (run_id)
CREATE UNIQUE INDEX job_versions_pkey ON public.job_versions USING btree (job_no, version)
CREATE UNIQUE INDEX jobs_id_key ON public.jobs USING btree (id)
CREATE UNIQUE INDEX jobs_name ON public.jobs USING btree (project_no, name) WHERE (deleted_at IS NULL)
CREATE UNIQUE INDEX jobs_pkey ON public.jobs USING btree (no)
CREATE UNIQUE INDEX join_tokens_hash_key ON public.join_tokens USING btree (hash)
CREATE UNIQUE INDEX join_tokens_id_key ON public.join_tokens USING btree (id)
CREATE UNIQUE INDEX join_tokens_pkey ON public.join_tokens USING btree (no)
CREATE UNIQUE INDEX keys_hash_key ON public.keys USING btree (hash)
CREATE UNIQUE INDEX keys_id_key ON public.keys USING btree (id)
CREATE UNIQUE INDEX keys_pkey ON public.keys USING btree (no)
CREATE UNIQUE INDEX late_reports_pkey ON public.late_reports USING btree (run_no, number)
CREATE UNIQUE INDEX logs_pkey ON public.logs USING btree (run_id, attempt, part)
CREATE UNIQUE INDEX migrations_pkey ON public.migrations USING btree (number)
CREATE UNIQUE INDEX nodes_id_key ON public.nodes USING btree (id)
CREATE UNIQUE INDEX nodes_pkey ON public.nodes USING btree (no)
CREATE UNIQUE INDEX once_pkey ON public.once USING btree (scope, key)
CREATE UNIQUE INDEX parts_pkey ON public.parts USING btree (run_no, part)
CREATE UNIQUE INDEX pools_pkey ON public.pools USING btree (no)
CREATE UNIQUE INDEX pools_project_no_labels_key ON public.pools USING btree (project_no, labels)
CREATE UNIQUE INDEX projects_id_key ON public.projects USING btree (id)
CREATE UNIQUE INDEX projects_name_key ON public.projects USING btree (name)
CREATE UNIQUE INDEX projects_pkey ON public.projects USING btree (no)
CREATE UNIQUE INDEX quota_use_pkey ON public.quota_use USING btree (project_no, what)
CREATE UNIQUE INDEX runs_job_no_due_at_off_schedule_key ON ONLY public.runs USING btree (job_no, due_at, off_schedule)
CREATE UNIQUE INDEX scripts_blob_key ON public.scripts USING btree (blob)
CREATE UNIQUE INDEX scripts_pkey ON public.scripts USING btree (no)
CREATE UNIQUE INDEX scripts_project_no_sha256_key ON public.scripts USING btree (project_no, sha256)
CREATE UNIQUE INDEX secrets_id_key ON public.secrets USING btree (id)
CREATE UNIQUE INDEX secrets_pkey ON public.secrets USING btree (no)
CREATE UNIQUE INDEX secrets_project_no_name_key ON public.secrets USING btree (project_no, name)
CREATE UNIQUE INDEX sequences_pkey ON public.sequences USING btree (name)
CREATE UNIQUE INDEX server_secrets_pkey ON public.server_secrets USING btree (name)
CREATE UNIQUE INDEX tidings_pkey ON public.tidings USING btree (run_id, fence)
CREATE UNIQUE INDEX upkeep_pkey ON public.upkeep USING btree (only_one)
CREATE UNIQUE INDEX visits_hash_key ON public.visits USING btree (hash)
CREATE UNIQUE INDEX visits_id_key ON public.visits USING btree (id)
CREATE UNIQUE INDEX visits_pkey ON public.visits USING btree (no)

CREATE TRIGGER attempts_stay BEFORE UPDATE ON public.attempts FOR EACH ROW EXECUTE FUNCTION never_changes()
CREATE TRIGGER audit_stays BEFORE DELETE OR UPDATE ON public.audit FOR EACH ROW EXECUTE FUNCTION audit_stays()
CREATE TRIGGER deliveries_stay BEFORE UPDATE ON public.deliveries FOR EACH ROW EXECUTE FUNCTION never_changes()
CREATE TRIGGER gaps_stand_apart BEFORE INSERT ON public.gaps FOR EACH ROW EXECUTE FUNCTION gaps_stand_apart()
CREATE TRIGGER job_versions_stay BEFORE UPDATE ON public.job_versions FOR EACH ROW EXECUTE FUNCTION never_changes()
CREATE TRIGGER logs_stay BEFORE UPDATE ON public.logs FOR EACH ROW WHEN ((old.sealed_at IS NOT NULL)) EXECUTE FUNCTION logs_stay()
CREATE TRIGGER parts_follow BEFORE UPDATE ON public.parts FOR EACH ROW EXECUTE FUNCTION part_follows()
CREATE TRIGGER projects_take_their_scripts AFTER DELETE ON public.projects FOR EACH ROW EXECUTE FUNCTION project_takes_its_scripts()
CREATE TRIGGER projects_take_their_secrets AFTER DELETE ON public.projects FOR EACH ROW EXECUTE FUNCTION project_takes_its_secrets()
CREATE TRIGGER runs_come_back AFTER UPDATE ON public.runs FOR EACH ROW WHEN (((old.node_no = 0) AND (new.node_no IS DISTINCT FROM 0))) EXECUTE FUNCTION run_comes_back()
CREATE TRIGGER runs_end_tidings AFTER UPDATE ON public.runs FOR EACH ROW WHEN (((old.pool_no > 0) AND (old.node_no IS NOT NULL) AND (new.node_no IS NULL))) EXECUTE FUNCTION run_ends_tidings()
CREATE TRIGGER runs_follow BEFORE UPDATE ON public.runs FOR EACH ROW WHEN (((old.finished_at IS NOT NULL) OR (new.fence < old.fence) OR (new.attempts < old.attempts) OR ((old.status = 'pending'::text) AND (new.status = ANY (ARRAY['cancelling'::text, 'succeeded'::text, 'failed'::text, 'unknown'::text]))) OR ((old.status <> 'pending'::text) AND (new.status = ANY (ARRAY['skipped'::text, 'missed'::text]))) OR ((old.status = 'cancelling'::text) AND (new.status = ANY (ARRAY['pending'::text, 'running'::text]))))) EXECUTE FUNCTION runs_follow()
CREATE TRIGGER runs_stay BEFORE DELETE ON public.runs FOR EACH ROW WHEN ((old.finished_at IS NULL)) EXECUTE FUNCTION runs_stay()
CREATE TRIGGER scripts_take_their_blobs AFTER DELETE ON public.scripts FOR EACH ROW EXECUTE FUNCTION script_takes_its_blob()
