-- An organization's sources as one document, and back.

-- Every field of a source that users set. A path has a placeholder for the organization's id. Credentials are never
-- exported; a source without credentials has an empty object. The order is that of the names' bytes, so that it does not
-- depend on the locale. reminders: the texts of failure_reason of sources whose credentials are not given yet.
CREATE OR REPLACE FUNCTION rivergen_catalog.catalog_document(organization_id bigint, reminders text[]) RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_build_object(
		'version', 1,
		'sources', coalesce(jsonb_agg(jsonb_build_object(
				'name', d.name,
				'type', d.type,
				'workspace', w.name,
				'description', d.description,
				'host', d.host,
				'port', d.port,
				'database_name', d.database_name,
				'schema_name', d.schema_name,
				'file_path', CASE d.type WHEN 's3' THEN d.file_path
					ELSE regexp_replace(d.file_path, '^organizations/\d+/', 'organizations/{organization_id}/') END,
				'use_ssh_tunnel', d.use_ssh_tunnel,
				'ssh_host', d.ssh_host,
				'ssh_port', d.ssh_port,
				'ssh_username', d.ssh_username,
				'ssh_local_port', d.ssh_local_port,
				'connection_pool_size', d.connection_pool_size,
				'connection_timeout', d.connection_timeout,
				'query_timeout', d.query_timeout,
				'max_retries', d.max_retries,
				'schema_auto_refresh', d.schema_auto_refresh,
				'schema_refresh_interval', d.schema_refresh_interval,
				'metadata', d.metadata,
				'tags', d.tags) || CASE WHEN c.data_source_id IS NOT NULL
				OR coalesce(s.failure_reason = ANY ($2), false) THEN '{}'::jsonb ELSE '{"credentials": {}}' END
			ORDER BY d.name COLLATE "C"), '[]'))
	FROM rivergen_catalog.data_source d
	JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id)
	LEFT JOIN rivergen_catalog.workspace w ON w.organization_id = d.organization_id AND w.workspace_id = d.workspace_id
	LEFT JOIN rivergen_catalog.credential c ON c.organization_id = d.organization_id
		AND c.data_source_id = d.data_source_id
	WHERE d.organization_id = $1 AND d.deleted_at IS NULL;
END;

-- The effect of a change: {column: {"from", "to"}}.
CREATE OR REPLACE FUNCTION rivergen_catalog.column_changes(columns jsonb, current jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT coalesce(jsonb_object_agg(c.key, jsonb_build_object('from', current -> c.key, 'to', c.value)), '{}')
	FROM jsonb_each(columns) c
	WHERE c.value IS DISTINCT FROM current -> c.key;
END;

CREATE OR REPLACE FUNCTION rivergen.catalog_export() RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_catalog_export'
	LANGUAGE C STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.catalog_export() IS
'The organization''s data sources as one document for catalog_apply.
data: {"version": 1, "sources": [...]}, ordered by name. A source has every field that users set, its workspace by name, and its file_path below organizations/{organization_id}/, where {organization_id} stands for any organization. Credentials are never exported; "credentials": {} says that a source has none. Status and discovered schemas are not exported. Errors: 401, 403, 413 (more than rivergen.max_answer_bytes).';

CREATE OR REPLACE FUNCTION rivergen.catalog_apply(document jsonb, dry_run boolean DEFAULT false, credentials jsonb DEFAULT NULL) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'rg_sql_catalog_apply'
	LANGUAGE C VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rivergen.catalog_apply(jsonb, boolean, jsonb) IS
'Creates and changes the organization''s data sources as a document says, all or nothing.
Answers the plan: {"dry_run", "created": [{"id", "name"}], "changed": [{"id", "name", "fields": {field: {"from", "to"}}}], "unchanged": [name], "not_in_document": [name], "workspaces_created": [name], "credentials_wanted": [name], "tests": [name]}. document: data of catalog_export, or written by hand; sources are found by name, an absent field stays as it is (or gets its default in a new source), null clears it. Sources that are not in the document are only listed. credentials are used for a source that has none yet, and ignored for any other; a new source without them is created, and its failure_reason says that they must be given ("credentials": {} says that it needs none). The argument credentials is {name of a source: its credentials}, plain or sealed by the client, for sources whose credentials do not stand in the document, such as one that catalog_export made. tests: the sources to which the server connects once the document is applied, because it discovers them: new ones, and those that get another destination or their first credentials. workspace: its name; a missing workspace is created if the caller is an admin. dry_run: check and answer the plan, change nothing; ids of new sources are then null. Needs the role editor. Errors: 400 (every fault of every source, as sources[3].port: ...), 401, 403, 409 (another session took a name meanwhile), 503 (no sealing key).';

REVOKE ALL ON FUNCTION rivergen.catalog_export() FROM PUBLIC;
REVOKE ALL ON FUNCTION rivergen.catalog_apply(jsonb, boolean, jsonb) FROM PUBLIC;
