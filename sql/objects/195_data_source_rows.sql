-- Writing the rows of data_source: src/catalog/data_source.c calls these functions. columns is an object: column name -> value.
-- Those that return tables become part of the statement that calls them, and are planned with it once in a session.

-- The new id; null if the name is taken.
CREATE OR REPLACE FUNCTION rivergen_catalog.insert_data_source(organization_id bigint, user_id bigint, columns jsonb) RETURNS bigint
	LANGUAGE sql VOLATILE
BEGIN ATOMIC
	INSERT INTO rivergen_catalog.data_source (organization_id, created_by_user_id, workspace_id, type, name, description,
		host, port, database_name, schema_name, file_path, use_ssh_tunnel, ssh_host, ssh_port, ssh_username, ssh_local_port,
		connection_pool_size, connection_timeout, query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval,
		metadata, tags)
	SELECT $1, $2, n.workspace_id, n.type, n.name, n.description,
		n.host, n.port, n.database_name, n.schema_name, n.file_path, n.use_ssh_tunnel, n.ssh_host, n.ssh_port, n.ssh_username,
		n.ssh_local_port, n.connection_pool_size, n.connection_timeout, n.query_timeout, n.max_retries, n.schema_auto_refresh,
		n.schema_refresh_interval, n.metadata, n.tags
	FROM jsonb_populate_record(NULL::rivergen_catalog.data_source, $3) n
	ON CONFLICT (organization_id, name) WHERE deleted_at IS NULL DO NOTHING
	RETURNING data_source_id;
END;

-- The destination of a source's connections and the verification of its other end: the columns and members of metadata that
-- count for every type, and those that the type adds (separated by spaces; members '*': all but the server's own).
CREATE OR REPLACE FUNCTION rivergen_catalog.destination(source jsonb, fields text, members text) RETURNS TABLE (place jsonb)
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_build_array(
		(SELECT jsonb_object_agg(f.key, f.value) FROM jsonb_each($1) f
			WHERE f.key = ANY ('{host,port,use_ssh_tunnel,ssh_host,ssh_port,ssh_username}' || string_to_array($2, ' '))),
		(SELECT jsonb_object_agg(m.key, m.value) FROM jsonb_each($1 -> 'metadata') m
			WHERE m.key IN ('tls', 'ssh') OR CASE $3 WHEN '*' THEN m.key <> ALL ('{scan,discovery,query,application_name}')
				ELSE m.key = ANY (string_to_array($3, ' ')) END));
END;

-- moved: the change leads to another destination; rescheduled: it affects the time of the next discovery.
CREATE OR REPLACE FUNCTION rivergen_catalog.data_source_consequences(
	organization_id bigint, data_source_id bigint, columns jsonb, fields text, members text)
	RETURNS TABLE (moved boolean, rescheduled boolean)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT before.place <> later.place,
		(d.schema_auto_refresh, d.schema_refresh_interval, d.metadata #> '{discovery,window}')
			IS DISTINCT FROM (n.schema_auto_refresh, n.schema_refresh_interval, n.metadata #> '{discovery,window}')
		OR rivergen_catalog.discovery_patterns(d.metadata) IS DISTINCT FROM rivergen_catalog.discovery_patterns(n.metadata)
	FROM rivergen_catalog.data_source d, jsonb_populate_record(d, $3) n,
		rivergen_catalog.destination(to_jsonb(d), $4, $5) before, rivergen_catalog.destination(to_jsonb(n), $4, $5) later
	WHERE d.organization_id = $1 AND d.data_source_id = $2;
END;
