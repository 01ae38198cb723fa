-- check(): grades the installation. rivergen_catalog.installation() asks a worker for the facts that only a worker can see.

-- Values of a setting: this session's, and those set for roles and databases.
CREATE OR REPLACE FUNCTION rivergen_catalog.setting_values(setting text) RETURNS TABLE (value text, applies_to text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT current_setting(setting, true), 'this session' WHERE current_setting(setting, true) IS NOT NULL
	UNION ALL
	SELECT split_part(c.text, '=', 2),
		concat_ws(' in ', CASE WHEN s.setrole <> 0 THEN 'role ' || s.setrole::regrole END, 'database ' || d.datname)
	FROM pg_db_role_setting s
	LEFT JOIN pg_database d ON d.oid = s.setdatabase
	CROSS JOIN LATERAL unnest(s.setconfig) c (text)
	WHERE split_part(c.text, '=', 1) = setting AND (s.setdatabase = 0 OR d.datname = current_database());
END;

-- Checks a setting that may write secrets to the log; harmless matches the values that do not.
CREATE OR REPLACE FUNCTION rivergen_catalog.check_setting(setting text, harmless text, meaning text, what_to_do text)
	RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT setting,
		CASE WHEN bool_and(v.value ~ harmless) THEN 'ok' ELSE 'warning' END,
		string_agg(format('%s (%s)', v.value, v.applies_to), ', ')
			|| CASE WHEN bool_and(v.value ~ harmless) THEN '' ELSE ': ' || meaning END,
		CASE WHEN NOT bool_and(v.value ~ harmless) THEN what_to_do END
	FROM rivergen_catalog.setting_values(setting) v
	HAVING count(*) > 0;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.check_logging() RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT c.*
	FROM (VALUES
		('log_statement', '^(none|ddl)$', 'the text of calls is logged, with the credentials that are written into it',
			'Set it to none or ddl; or have clients seal credentials (sealing_key()), or bind them as parameters.'),
		('log_min_duration_statement', '^-1$', 'the text of slow calls is logged, with the credentials that are written into it',
			'Set it to -1; or have clients seal credentials (sealing_key()), or bind them as parameters.'),
		('log_min_duration_sample', '^-1$', 'the text of some calls is logged, with the credentials that are written into it',
			'Set it to -1; or have clients seal credentials (sealing_key()), or bind them as parameters.'),
		('log_transaction_sample_rate', '^0$', 'the text of some calls is logged, with the credentials that are written into it',
			'Set it to 0; or have clients seal credentials (sealing_key()), or bind them as parameters.'),
		('log_min_error_statement', '^(panic|fatal|log)$', 'the text of calls that fail is logged, with the credentials that are written into it',
			'Set it to panic; or have clients seal credentials (sealing_key()), or bind them as parameters.'),
		('log_error_verbosity', '^terse$', 'where a call fails, its detail and context are logged, which quote malformed JSON, bound parameters too',
			'Set it to terse; or have clients seal credentials (sealing_key()).'),
		('log_parameter_max_length', '^0', 'with statements, their bound parameters are logged',
			'Set it to 0.'),
		('log_parameter_max_length_on_error', '^0', 'bound parameters of calls that fail are logged',
			'Set it to 0.'),
		('debug_print_parse', '^off$', 'parse trees are logged, with every constant', 'Set it to off.'),
		('debug_print_rewritten', '^off$', 'parse trees are logged, with every constant', 'Set it to off.'),
		('debug_print_plan', '^off$', 'plans are logged, with every constant', 'Set it to off.'),
		('pg_stat_statements.track_utility', '^off$', 'the text of CALL, DO, SET and PREPARE is kept as it is written',
			'Set it to off.'),
		('auto_explain.log_min_duration', '^-1$', 'the text of slow calls is logged, with the credentials that are written into it',
			'Set it to -1; or have clients seal credentials (sealing_key()), or bind them as parameters.'),
		('auto_explain.log_verbose', '^off$', 'with the plans of slow calls, their values are logged, bound parameters too',
			'Set it to off; or have clients seal credentials (sealing_key()).'),
		('auto_explain.log_parameter_max_length', '^0', 'with plans, bound parameters are logged', 'Set it to 0.')
		) s (setting, harmless, meaning, what_to_do)
	CROSS JOIN LATERAL rivergen_catalog.check_setting(s.setting, s.harmless, s.meaning, s.what_to_do) c;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.check_workers(found jsonb) RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT 'shared_preload_libraries', CASE WHEN found @> '{"preloaded": true}' THEN 'ok' ELSE 'error' END,
		CASE WHEN found @> '{"preloaded": true}' THEN 'The library was loaded at the start of the server.'
			WHEN p.in_file THEN 'The configuration file names the library, and the server was not restarted since: there are no workers, and nothing can be discovered.'
			ELSE 'The library was not loaded at the start of the server: there are no workers, and nothing can be discovered.' END,
		CASE WHEN found @> '{"preloaded": true}' THEN NULL WHEN p.in_file THEN 'Restart the server.'
			ELSE 'Add shared_preload_libraries = ''rivergen'' to postgresql.conf and restart the server.' END
	FROM (SELECT coalesce((SELECT f.setting FROM pg_file_settings f WHERE f.name = 'shared_preload_libraries'
			ORDER BY f.seqno DESC LIMIT 1) ~ '\mrivergen\M', false) AS in_file) p
	UNION ALL
	SELECT 'rivergen.databases', CASE WHEN found @> '{"served": true}' THEN 'ok' ELSE 'error' END,
		format('rivergen.enabled is %s, rivergen.databases is %s; this database is %s.', current_setting('rivergen.enabled'),
			current_setting('rivergen.databases'), CASE WHEN found @> '{"served": true}' THEN 'served' ELSE 'not served' END),
		CASE WHEN NOT found @> '{"served": true}' THEN 'Switch rivergen.enabled on, name this database in rivergen.databases, and reload.' END
	UNION ALL
	SELECT 'launcher', CASE WHEN found @> '{"launcher": true}' OR pg_is_in_recovery() THEN 'ok' ELSE 'error' END,
		CASE WHEN found @> '{"launcher": true}' THEN 'It runs.' WHEN pg_is_in_recovery() THEN 'It starts when this standby is promoted.'
			ELSE 'It does not run: jobs without a waiting caller are not begun.' END,
		CASE WHEN NOT found @> '{"launcher": true}' AND NOT pg_is_in_recovery()
			THEN 'See the server''s log, and max_worker_processes.' END
	UNION ALL
	SELECT 'max_worker_processes', CASE WHEN w.room < 1 THEN 'error' WHEN w.room < w.wanted THEN 'warning' ELSE 'ok' END,
		format('%s of %s are free for the %s workers of rivergen.max_workers and the %s readers of rivergen.max_readers.',
			greatest(w.room, 0), w.total, w.workers, w.readers),
		CASE WHEN w.room < w.wanted THEN format('Set max_worker_processes to at least %s and restart the server.', w.total - w.room + w.wanted) END
	FROM (SELECT current_setting('max_worker_processes')::integer AS total, current_setting('rivergen.max_workers')::integer AS workers,
			current_setting('rivergen.max_readers')::integer AS readers,
			current_setting('rivergen.max_workers')::integer + current_setting('rivergen.max_readers')::integer AS wanted,
			current_setting('max_worker_processes')::integer - (SELECT count(*) FROM pg_stat_activity a
				WHERE a.backend_type NOT IN ('client backend', 'autovacuum launcher', 'autovacuum worker', 'background writer',
					'checkpointer', 'startup', 'walreceiver', 'walsender', 'walwriter', 'archiver', 'walsummarizer', 'slotsync worker',
					'standalone backend', 'io worker', 'parallel worker', 'rivergen worker', 'rivergen reader'))::integer AS room) w
	UNION ALL
	SELECT 'trampoline', CASE WHEN found #> '{worker,trampoline}' = 'true' THEN 'ok' ELSE 'error' END,
		CASE WHEN found #> '{worker,trampoline}' = 'true' THEN 'rivergen-run is installed.'
			ELSE 'rivergen-run is missing, or may not be executed: no connector can be started.' END,
		CASE WHEN found #> '{worker,trampoline}' = 'false' THEN 'Install the extension again.' END
	WHERE found -> 'worker' ? 'trampoline'
	UNION ALL
	SELECT 'connectors', CASE WHEN c.missing IS NOT NULL OR c.installed IS NULL OR c.faults IS NOT NULL THEN 'warning' ELSE 'ok' END,
		concat_ws(' ', format('Installed for: %s.', coalesce(c.installed, 'no type')),
			'Missing, although this version has it, for: ' || c.missing || '.', 'At fault: ' || c.faults || '.'),
		CASE WHEN c.faults IS NOT NULL THEN 'The server''s operating-system user must be able to execute each file, and each connector must speak this version''s protocol: install the connectors again. Of rivergen.odbc_drivers it must be able to read each path.'
			WHEN c.missing IS NOT NULL OR c.installed IS NULL
			THEN 'Install the client libraries that the build names, build and install again; or see rivergen.connector_directory.' END
	FROM (SELECT string_agg(t.type, ', ' ORDER BY t.position) FILTER (WHERE found #> '{worker,installed}' ? t.type) AS installed,
			string_agg(t.type, ', ' ORDER BY t.position) FILTER (WHERE found #> '{worker,missing}' ? t.type) AS missing,
			(SELECT string_agg(f, '; ') FROM jsonb_array_elements_text(found #> '{worker,faults}') f) AS faults
		FROM rivergen.data_source_types() t) c
	WHERE found -> 'worker' ? 'missing'
	UNION ALL
	SELECT 'connectors in use', CASE WHEN count(*) > 0 THEN 'warning' ELSE 'ok' END,
		CASE WHEN count(*) > 0 THEN 'Data sources that no connector serves: '
			|| string_agg(format('%s of type %s', u.sources, u.type), ', ' ORDER BY u.type) ELSE 'Every data source has one.' END,
		CASE WHEN count(*) > 0 THEN 'Install a connector for these types.' END
	FROM (SELECT d.type, count(*) AS sources FROM rivergen_catalog.data_source d
		WHERE d.deleted_at IS NULL AND NOT found #> '{worker,installed}' ? d.type GROUP BY d.type) u
	WHERE found -> 'worker' ? 'installed'
	UNION ALL
	SELECT 'sandbox', CASE WHEN s.level = '' OR NOT s.suffices THEN 'error' WHEN s.missing = '[]' THEN 'ok' ELSE 'warning' END,
		CASE WHEN s.level = '' THEN 'rivergen-run does not say how it confines a connector: none can be started.'
			ELSE concat_ws(' ', format('Connectors run at level %s (%s).', s.level, CASE s.level
				WHEN 'basic' THEN 'limits, no new privileges, no descriptors of the server'
				WHEN 'filtered' THEN 'only known system calls'
				WHEN 'confined' THEN 'only known system calls and files'
				ELSE 'only known system calls, files and connections' END),
			'Missing: ' || (SELECT string_agg(format('%s (%s)', m ->> 'feature', m ->> 'reason'), ', ')
				FROM jsonb_array_elements(s.missing) m) || '.',
			CASE WHEN NOT s.suffices THEN format('rivergen.sandbox_minimum demands %s: none is started.',
				current_setting('rivergen.sandbox_minimum')) END) END,
		CASE WHEN s.level = '' THEN 'Install the extension again, and restart the server.'
			ELSE (SELECT string_agg(DISTINCT m ->> 'remedy', ' ') FROM jsonb_array_elements(s.missing) m) END
	FROM jsonb_to_record(found #> '{worker,sandbox}') s (level text, suffices boolean, missing jsonb)
	WHERE found -> 'worker' ? 'sandbox'
	UNION ALL
	SELECT 'tunnels', CASE WHEN t.sources > 0 AND NOT t.has_ssh THEN 'warning' ELSE 'ok' END,
		format('ssh is %s. Data sources with an SSH tunnel: %s.', CASE WHEN t.has_ssh THEN 'installed' ELSE 'not installed' END, t.sources),
		CASE WHEN t.sources > 0 AND NOT t.has_ssh THEN 'Install the package openssh-client.' END
	FROM (SELECT found #> '{worker,ssh}' = 'true' AS has_ssh,
			(SELECT count(*) FROM rivergen_catalog.data_source d WHERE d.deleted_at IS NULL AND d.use_ssh_tunnel) AS sources) t
	WHERE found -> 'worker' ? 'ssh'
	UNION ALL
	SELECT 'storage', CASE WHEN found #>> '{worker,storage}' IS NULL THEN 'ok' ELSE 'error' END,
		coalesce(found #>> '{worker,storage}' || '.', format('Files of sources lie below %s.', current_setting('rivergen.storage_root'))),
		CASE WHEN found #>> '{worker,storage}' IS NOT NULL
			THEN 'Mend rivergen.storage_root, or rivergen.storage_endpoint and rivergen.storage_credentials_file (owned by the server''s user, mode 0600, outside the data directory), and reload.' END
	WHERE found -> 'worker' ? 'storage'
	UNION ALL
	SELECT 'proxy', CASE WHEN found #>> '{worker,proxy}' IS NULL THEN 'ok' ELSE 'error' END,
		coalesce(found #>> '{worker,proxy}' || '.', format('Services over HTTP are reached by %s.', current_setting('rivergen.https_proxy'))),
		CASE WHEN found #>> '{worker,proxy}' IS NOT NULL
			THEN 'Mend rivergen.https_proxy, rivergen.allowed_hosts or rivergen.https_proxy_credentials_file (owned by the server''s user, mode 0600, outside the data directory), or let rivergen.allowed_networks have the proxy''s address; reload.' END
	WHERE found -> 'worker' ? 'proxy'
	UNION ALL
	SELECT 'worker', CASE WHEN pg_is_in_recovery() THEN 'ok' ELSE 'error' END,
		'No worker could be asked: ' || (found #>> '{worker,unavailable}') || '.', 'See the errors in the other rows.'
	WHERE found -> 'worker' ? 'unavailable';
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.check_keys(found jsonb) RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	SELECT 'keyring', CASE WHEN found #>> '{keys,fault}' IS NULL THEN 'ok' ELSE 'error' END,
		coalesce(found #>> '{keys,fault}', format('A worker can read the keys %s.', found #>> '{keys,key_ids}')),
		CASE WHEN found #>> '{keys,fault}' IS NOT NULL
			THEN 'Set rivergen.key_file to an absolute path outside the data directory, owned by the server''s user, mode 0600; reload; after a restore, bring the old file.' END
	WHERE NOT found -> 'keys' ? 'unavailable'
	UNION ALL
	SELECT 'sealing key', CASE WHEN k.key_id IS NULL OR NOT k.readable THEN 'error' ELSE 'ok' END,
		CASE WHEN k.key_id IS NULL THEN 'There is none: credentials cannot be stored.'
			WHEN NOT k.readable THEN format('Credentials are sealed for key %s, and the keyring has no private half of it.', k.key_id)
			ELSE format('Credentials are sealed for key %s.', k.key_id) END,
		CASE WHEN k.key_id IS NULL THEN 'SELECT rivergen.key_create();'
			WHEN NOT k.readable THEN 'Bring the key file back; if it is lost: SELECT rivergen.key_rotate(), then give all credentials again.' END
	FROM (SELECT max(s.key_id) AS key_id,
			coalesce(found #> '{keys,key_ids}' @> to_jsonb(max(s.key_id)), true) AS readable
		FROM rivergen_catalog.sealing_key s WHERE s.retired_at IS NULL) k
	UNION ALL
	SELECT 'credentials', CASE WHEN bool_or(c.lost) THEN 'error' WHEN count(*) > 0 THEN 'warning' ELSE 'ok' END,
		CASE WHEN count(*) = 0 THEN 'All are sealed for the present key.'
			ELSE string_agg(format('%s are sealed for key %s, which %s', c.credentials, c.key_id,
				CASE WHEN c.lost THEN 'the keyring does not have' ELSE 'is retired' END), '; ' ORDER BY c.key_id) || '.' END,
		CASE WHEN bool_or(c.lost) THEN 'Bring the key file that has them; if it is lost, these credentials must be given again.'
			WHEN count(*) > 0 THEN 'Workers seal them again within a minute; what stays is damaged and must be given again.' END
	FROM (SELECT c.key_id, count(*) AS credentials, NOT coalesce(found #> '{keys,key_ids}' @> to_jsonb(c.key_id), true) AS lost
		FROM rivergen_catalog.credential c
		WHERE NOT EXISTS (SELECT FROM rivergen_catalog.sealing_key k WHERE k.key_id = c.key_id AND k.retired_at IS NULL)
			OR NOT coalesce(found #> '{keys,key_ids}' @> to_jsonb(c.key_id), true)
		GROUP BY c.key_id) c;
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.check_access() RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH item AS (
		SELECT 'schema ' || n.nspname AS object, n.nspname, n.nspowner AS owner, a.grantee, a.privilege_type
		FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname IN ('rivergen', 'rivergen_catalog')
		UNION ALL
		SELECT format('%s.%s', n.nspname, c.relname), n.nspname, c.relowner, a.grantee, a.privilege_type
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
		WHERE n.nspname IN ('rivergen', 'rivergen_catalog')
		UNION ALL
		SELECT format('%s.%s', n.nspname, p.proname), n.nspname, p.proowner, a.grantee, a.privilege_type
		FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
		WHERE n.nspname = 'rivergen'
	)
	SELECT 'grants to PUBLIC', CASE WHEN count(*) > 0 THEN 'error' ELSE 'ok' END,
		CASE WHEN count(*) > 0 THEN string_agg(format('%s on %s', i.privilege_type, i.object), ', ' ORDER BY i.object)
			ELSE 'There are none.' END,
		CASE WHEN count(*) > 0 THEN 'REVOKE them; rivergen.grant_access(role) grants what a tenant needs.' END
	FROM item i WHERE i.grantee = 0
	UNION ALL
	SELECT 'grants on rivergen_catalog', CASE WHEN count(*) > 0 THEN 'warning' ELSE 'ok' END,
		CASE WHEN count(*) > 0 THEN string_agg(DISTINCT format('%s has %s on %s', i.grantee::regrole, i.privilege_type, i.object), ', ')
			ELSE 'There are none.' END,
		CASE WHEN count(*) > 0 THEN 'A role that reads these tables sees every organization. REVOKE what was not meant.' END
	FROM item i WHERE i.nspname = 'rivergen_catalog' AND i.grantee NOT IN (0, i.owner)
	UNION ALL
	SELECT 'server_encoding', CASE WHEN current_setting('server_encoding') = 'UTF8' THEN 'ok' ELSE 'error' END,
		current_setting('server_encoding'),
		CASE WHEN current_setting('server_encoding') <> 'UTF8' THEN 'Move to a database whose encoding is UTF8.' END
	UNION ALL
	SELECT 'version', CASE WHEN e.extversion = a.default_version THEN 'ok' ELSE 'warning' END,
		format('Installed here: %s; on this server: %s.', e.extversion, coalesce(a.default_version, 'none')),
		CASE WHEN e.extversion IS DISTINCT FROM a.default_version THEN 'ALTER EXTENSION rivergen UPDATE;' END
	FROM pg_extension e LEFT JOIN pg_available_extensions a ON a.name = e.extname WHERE e.extname = 'rivergen';
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.check_home() RETURNS TABLE (name text, level text, detail text, what_to_do text)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT 'copy', CASE WHEN c.is_copy THEN 'error' ELSE 'ok' END,
		CASE WHEN c.is_copy THEN 'This database is a copy of another one, restored, cloned or upgraded: its workers wait.'
			ELSE 'This database is no copy of another one.' END,
		CASE WHEN c.is_copy THEN 'If it may connect to the data sources: SELECT rivergen.acknowledge_copy();' END
	FROM rivergen_catalog.is_copy() c (is_copy);
END;

CREATE OR REPLACE FUNCTION rivergen.check(OUT name text, OUT level text, OUT detail text, OUT what_to_do text) RETURNS SETOF record
	LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	WITH asked AS MATERIALIZED (SELECT rivergen_catalog.installation() AS found)
	SELECT w.* FROM asked, LATERAL rivergen_catalog.check_workers(asked.found) w
	UNION ALL SELECT h.* FROM rivergen_catalog.check_home() h
	UNION ALL SELECT k.* FROM asked, LATERAL rivergen_catalog.check_keys(asked.found) k
	UNION ALL SELECT s.* FROM rivergen_catalog.check_settings() s
	UNION ALL SELECT w.* FROM rivergen_catalog.check_wrapped_servers() w
	UNION ALL SELECT a.* FROM rivergen_catalog.check_access() a
	UNION ALL SELECT g.* FROM rivergen_catalog.check_gateway() g
	UNION ALL SELECT l.* FROM rivergen_catalog.check_logging() l;
END;
COMMENT ON FUNCTION rivergen.check() IS
'Grades the installation, one row for each check.
level: ok, warning (works, but something may leak or be missing) or error (something does not work). what_to_do: null when ok. The call waits for a worker to report the facts that only a worker can see (the keys, the programs, the kernel); when no worker can, the row "worker" says why. Settings are those of this session, of roles and of this database. For operators: it shows facts of all organizations.';

REVOKE ALL ON FUNCTION rivergen_catalog.setting_values(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_setting(text, text, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_logging() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_workers(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_keys(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_access() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen_catalog.check_home() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.check() FROM PUBLIC;
