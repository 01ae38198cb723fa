-- The documents of the API's answers. Each is one expression, so that the planner inlines it: no function is called for
-- each row.

CREATE OR REPLACE FUNCTION rivergen_catalog.time_text(timestamptz) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
	RETURN to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

CREATE OR REPLACE FUNCTION rivergen_catalog.shown_status(maintenance boolean, status text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN maintenance THEN 'maintenance' ELSE status END;

-- Compares pages, not offsets: page * page_size may be more than a bigint holds.
CREATE OR REPLACE FUNCTION rivergen_catalog.pagination(page bigint, page_size bigint, total_items bigint) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN jsonb_build_object(
		'page', page,
		'page_size', page_size,
		'total_items', total_items,
		'total_pages', (total_items + page_size - 1) / page_size,
		'has_next', page < (total_items + page_size - 1) / page_size,
		'has_previous', page > 1);

-- An SSH server as known_hosts files name it.
CREATE OR REPLACE FUNCTION rivergen_catalog.ssh_place(ssh_host text, ssh_port integer) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE ssh_port WHEN 22 THEN ssh_host ELSE '[' || ssh_host || ']:' || ssh_port::text END;

-- The key that was seen at the source's present SSH server.
CREATE OR REPLACE FUNCTION rivergen_catalog.seen_host_key(use_ssh_tunnel boolean, ssh_host text, ssh_port integer, seen text)
	RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN use_ssh_tunnel AND split_part(seen, ' ', 1) = rivergen_catalog.ssh_place(ssh_host, ssh_port) THEN seen END;

-- metadata.ssh.host_key as lines.
CREATE OR REPLACE FUNCTION rivergen_catalog.demanded_host_keys(metadata jsonb) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
	RETURN CASE jsonb_typeof(metadata #> '{ssh,host_key}')
		WHEN 'array' THEN (SELECT string_agg(k, chr(10)) FROM jsonb_array_elements_text(metadata #> '{ssh,host_key}') k)
		ELSE metadata #>> '{ssh,host_key}' END;
END $$;

-- metadata with the host key that was seen.
CREATE OR REPLACE FUNCTION rivergen_catalog.shown_metadata(metadata jsonb, seen text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN seen IS NULL THEN metadata ELSE metadata || jsonb_build_object('ssh',
		CASE jsonb_typeof(metadata -> 'ssh') WHEN 'object' THEN metadata -> 'ssh' ELSE '{}' END
			|| jsonb_build_object('host_key_seen', seen)) END;

-- Data sources as answers show them: item on the list page, body (with the fields that only the pages of create and update
-- show) everywhere else.
CREATE OR REPLACE VIEW rivergen_catalog.shown_data_source AS
	SELECT d.organization_id, d.data_source_id, d.deleted_at, i.item, i.item || jsonb_build_object(
		'ssh_username', d.ssh_username,
		'ssh_key_id', CASE WHEN 'ssh_private_key' = ANY (c.key_names) THEN c.credential_id END,
		'ssh_local_port', d.ssh_local_port,
		'connection_pool_size', d.connection_pool_size,
		'connection_timeout', d.connection_timeout,
		'query_timeout', d.query_timeout,
		'max_retries', d.max_retries,
		'last_failed_connection_at', rivergen_catalog.time_text(s.last_failed_connection_at),
		'failure_count', s.failure_count,
		'failure_reason', s.failure_reason,
		'schema_refresh_interval', d.schema_refresh_interval,
		'metadata', rivergen_catalog.shown_metadata(d.metadata,
			rivergen_catalog.seen_host_key(d.use_ssh_tunnel, d.ssh_host, d.ssh_port, s.ssh_host_key)),
		'created_by_user_id', d.created_by_user_id,
		'updated_by_user_id', d.updated_by_user_id) AS body
	FROM rivergen_catalog.data_source d
	JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id)
	CROSS JOIN LATERAL (SELECT jsonb_build_object(
			'id', d.data_source_id,
			'organization_id', d.organization_id,
			'workspace_id', d.workspace_id,
			'name', d.name,
			'type', d.type,
			'description', d.description,
			'host', d.host,
			'port', d.port,
			'database_name', d.database_name,
			'schema_name', d.schema_name,
			'file_path', d.file_path,
			'use_ssh_tunnel', d.use_ssh_tunnel,
			'ssh_host', d.ssh_host,
			'ssh_port', d.ssh_port,
			'status', rivergen_catalog.shown_status(d.maintenance, s.status),
			'last_tested_at', rivergen_catalog.time_text(s.last_tested_at),
			'last_successful_connection_at', rivergen_catalog.time_text(s.last_successful_connection_at),
			'schema_discovered_at', rivergen_catalog.time_text(s.schema_discovered_at),
			'schema_auto_refresh', d.schema_auto_refresh,
			'tags', d.tags,
			'created_at', rivergen_catalog.time_text(d.created_at),
			'updated_at', rivergen_catalog.time_text(d.updated_at)) AS item) i;
