-- Data sources. The answers are {"success": true, "data", "message"}; errors have SQLSTATE PT<HTTP status>.

CREATE OR REPLACE FUNCTION rivergen.data_source_create(jsonb) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_create'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_create(jsonb) IS
'Registers a data source and returns it.
Required: name, type, credentials, and the required fields of the type (host, port and database_name, or connection_string; file_path for files). Timeouts and intervals are in seconds. With schema_auto_refresh (the default) a first discovery is queued at commit, for types that a connector serves. Needs the role editor. Errors: 400 (all faults at once, one per line of the detail), 401, 403, 409 (the name is taken), 503 (no sealing key). Source: RiverGen API, Create Data Source.';

CREATE OR REPLACE FUNCTION rivergen.data_source_get(id bigint) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_get'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_get(bigint) IS
'One data source of the organization, without its credentials.
Errors: 400, 401, 403, 404.';

CREATE OR REPLACE FUNCTION rivergen.data_source_list(
	workspace_id bigint DEFAULT NULL,
	type text DEFAULT NULL,
	status_filter text DEFAULT NULL,
	page bigint DEFAULT 1,
	page_size bigint DEFAULT 20,
	search text DEFAULT NULL,
	sort_by text DEFAULT 'created_at',
	sort_order text DEFAULT 'desc',
	tags text[] DEFAULT NULL,
	after text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_list'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_list(bigint, text, text, bigint, bigint, text, text, text, text[], text) IS
'A page of the organization''s data sources.
Answers {"items", "pagination"}. status_filter: active, inactive, testing, failed or maintenance. page counts from 1, page_size is 1-1000. search looks for the text in name and description, without regard to case; % and _ are ordinary characters. sort_by: any field of an item, tags as the text of all of them; nulls come last, ties by id. sort_order: asc or desc. tags: only sources that have all of them. after: for reading all sources of a large organization: begin with an empty text, continue with next_cursor of the previous answer, and keep filters and order; the answer is {"items", "next_cursor"}, next_cursor is null at the end, nothing is counted, and a source that is not changed meanwhile is shown exactly once. Errors: 400, 401, 403. Source: RiverGen API, List Data Sources.';

CREATE OR REPLACE FUNCTION rivergen.data_source_update(id bigint, changes jsonb, if_updated_at text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_update'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_update(bigint, jsonb, text) IS
'Changes the given fields of a data source and returns it.
null clears a field, or resets it to its default; type, credentials and read-only fields are refused. If an editor who did not give the credentials changes their destination (host, port, TLS, tunnel, and other such fields of the type), the source is inactive until they are given again. if_updated_at: updated_at as it was read; if the source was changed since, nothing is changed and the answer is 409. Needs the role editor. Errors: 400, 401, 403, 404, 409 (the name is taken; if_updated_at: the source was changed since). Source: RiverGen API, Update Data Source.';

CREATE OR REPLACE FUNCTION rivergen.data_source_update_credentials(id bigint, credentials jsonb, if_updated_at text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_update_credentials'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_update_credentials(bigint, jsonb, text) IS
'Replaces all credentials of a data source and returns the source.
An empty object removes them. They are sealed with the public key at once and cannot be read back. if_updated_at: updated_at as it was read; if the source was changed since, nothing is changed and the answer is 409. Needs the role editor. Errors: 400, 401, 403, 404, 409 (if_updated_at: the source was changed since), 503 (no sealing key).';

CREATE OR REPLACE FUNCTION rivergen.data_source_delete(id bigint, force boolean DEFAULT false, if_updated_at text DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_data_source_delete'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.data_source_delete(bigint, boolean, text) IS
'Deletes a data source.
It disappears from every answer, and its name is free again. With force, its row and everything discovered of it are deleted for good; force also works on a source that is deleted already. if_updated_at: updated_at as it was read; if the source was changed since, nothing is changed and the answer is 409. Answers {"id"}. Needs the role editor. Errors: 400, 401, 403, 404, 409 (if_updated_at: the source was changed since).';

REVOKE ALL ON FUNCTION rivergen.data_source_create(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_get(bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_list(bigint, text, text, bigint, bigint, text, text, text, text[], text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_update(bigint, jsonb, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_update_credentials(bigint, jsonb, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.data_source_delete(bigint, boolean, text) FROM PUBLIC;

CREATE OR REPLACE VIEW rivergen.data_sources WITH (security_barrier) AS
	SELECT d.data_source_id AS id,
		d.organization_id,
		d.workspace_id,
		d.name,
		d.type,
		d.description,
		d.host,
		d.port,
		d.database_name,
		d.schema_name,
		d.file_path,
		d.use_ssh_tunnel,
		d.ssh_host,
		d.ssh_port,
		d.ssh_username,
		CASE WHEN 'ssh_private_key' = ANY (c.key_names) THEN c.credential_id END AS ssh_key_id,
		d.ssh_local_port,
		d.connection_pool_size,
		d.connection_timeout,
		d.query_timeout,
		d.max_retries,
		CASE WHEN d.maintenance THEN 'maintenance' ELSE s.status END AS status,
		s.last_tested_at,
		s.last_successful_connection_at,
		s.last_failed_connection_at,
		s.failure_count,
		s.failure_reason,
		s.schema_discovered_at,
		d.schema_auto_refresh,
		d.schema_refresh_interval,
		rivergen_catalog.shown_metadata(d.metadata,
			rivergen_catalog.seen_host_key(d.use_ssh_tunnel, d.ssh_host, d.ssh_port, s.ssh_host_key)) AS metadata,
		d.tags,
		d.created_by_user_id,
		d.created_at,
		d.updated_at,
		d.updated_by_user_id
	FROM rivergen_catalog.data_source d
	JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id)
	WHERE d.organization_id = (SELECT rivergen.current_organization_id()) AND d.deleted_at IS NULL;
COMMENT ON VIEW rivergen.data_sources IS
'The data sources of the session''s organization, without credentials; deleted ones are left out.
Timeouts and intervals are in seconds. The fields are those of the RiverGen API, Create Data Source. Errors: 401, 403.';
