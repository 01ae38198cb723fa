-- The bodies of requests and answers, as GET /api/v1/openapi.json describes them. 62_openapi_examples.sql has the
-- examples, 63_openapi_requests.sql the bodies that create and change a data source, 64_openapi.sql makes the document.
-- What has an order that people see is json; jsonb would forget it.

-- The same, or null.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_nullable(schema jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN schema ? '$ref' THEN jsonb_build_object('anyOf', jsonb_build_array(schema, '{"type": "null"}'::jsonb))
		ELSE schema || jsonb_build_object('type', jsonb_build_array(schema -> 'type', 'null')) END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_reference(schema text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN jsonb_build_object('$ref', '#/components/schemas/' || schema);

-- A type as the tables below write it: text, time, integer, number, boolean, object or the name of a schema; then []
-- for an array of it; then | null.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_type(notation text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	WITH given AS (
		SELECT regexp_replace(notation, '(\[\])?( \| null)?$', '') AS name
	), one AS (
		SELECT CASE name
			WHEN 'text' THEN '{"type": "string"}'
			WHEN 'time' THEN '{"type": "string", "format": "date-time"}'
			WHEN 'integer' THEN '{"type": "integer", "format": "int64"}'
			WHEN 'number' THEN '{"type": "number"}'
			WHEN 'boolean' THEN '{"type": "boolean"}'
			WHEN 'object' THEN '{"type": "object"}'
			ELSE rivergen_catalog.openapi_reference(name) END AS body
		FROM given
	), several AS (
		SELECT CASE WHEN notation LIKE '%[]%' THEN jsonb_build_object('type', 'array', 'items', body) ELSE body END AS body
		FROM one
	)
	SELECT CASE WHEN notation LIKE '% | null' THEN rivergen_catalog.openapi_nullable(body) ELSE body END FROM several;
END;

-- Texts that can only be one of a few.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_enumeration AS
	SELECT 'DataSourceTypeEnum' AS name, 'What kind of source it is; GET /api/v1/data-source-types tells what each needs.' AS description,
		(SELECT array_agg(t.type ORDER BY t.position) FROM rivergen.data_source_types() t) AS labels
	UNION ALL VALUES
	('DataSourceStatus', 'What the last test or discovery found; maintenance is set by people.',
		'{active,inactive,testing,failed,maintenance}'::text[]),
	('JobStatus', 'How far a job is: the last three are final.', '{queued,running,succeeded,failed,cancelled}'),
	('JobKind', 'What a job does.', '{discover,test,scan}'),
	('TableDescriptionStatus', 'NOT_SCANNED: no scan looked at the values yet. SYNCHRONIZING: a discovery or scan is under way. DEPRECATED: it is no longer in the source. SCANNED: the last scan ended well. FAILED: it did not; error_message says why.',
		'{NOT_SCANNED,SYNCHRONIZING,DEPRECATED,SCANNED,FAILED}'),
	('ConnectionStep', 'The step at which a connection failed.', '{configure,resolve,connect,tls,authenticate,query}');

-- Objects. A closed one refuses members that it does not name; columns_of is the view whose COMMENTs describe its
-- members, where the table below does not; it has the members of what it extends, too.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_object AS
	SELECT row_number() OVER () AS position, o.*
	FROM (VALUES
	('DataSourceItem', NULL, 'data_sources', false, 'A data source as lists show it.'),
	('DataSource', 'DataSourceItem', 'data_sources', false, 'A data source, without its credentials.'),
	('DataSourceList', NULL, NULL, false, 'A page of data sources: counted by page (pagination), or walked through by after (next_cursor).'),
	('DataSourceReference', NULL, 'data_sources', false, 'Which data source it was.'),
	('Metadata', NULL, NULL, false, 'Further settings of a data source: three members that have a meaning here, and any of your own. At most 64 kB; private keys belong into credentials.'),
	('TlsOptions', NULL, NULL, true, 'How the connection is encrypted.'),
	('ScanOptions', NULL, NULL, true, 'What a scan of the values may keep; everything unless switched off.'),
	('DiscoveryOptions', NULL, NULL, true, 'What is discovered, and when.'),
	('DiscoveryWindow', NULL, NULL, true, 'The hours in which the source may be discovered by itself. An end that is not later than the begin is on the next day.'),
	('DataSourceType', NULL, 'data_source_types', false, 'A type of data sources, and what it needs.'),
	('ConnectionTest', NULL, NULL, false, 'How an attempt to connect went. A connection that fails is an answer, not an error.'),
	('ConnectionCheck', 'ConnectionTest', NULL, false, 'A test or discovery of the past.'),
	('ResponseTimes', NULL, NULL, false, 'Percentiles of the last 24 hours, in milliseconds.'),
	('DataSourceHealth', NULL, 'data_sources', false, 'How a data source has been.'),
	('DiscoveredSchema', NULL, 'schemas', false, 'What was found in a schema.'),
	('SkippedObject', NULL, NULL, false, 'What exists and could not be read; what was known of it stays.'),
	('SchemaDiscovery', NULL, NULL, false, 'What a discovery found.'),
	('QueuedJob', NULL, 'jobs', false, 'A job that goes on in the background.'),
	('QueuedScan', 'QueuedJob', 'jobs', false, 'The scan of one data source, which goes on in the background.'),
	('QueuedScans', NULL, NULL, false, 'The scans that were queued, one for each data source.'),
	('JobProgress', NULL, 'jobs', false, 'How far a running job is.'),
	('ScanResult', NULL, NULL, false, 'What a scan did.'),
	('Job', NULL, 'jobs', false, 'A discovery, test or scan that was asked for.'),
	('JobList', NULL, NULL, false, 'A page of jobs, newest first.'),
	('DiscoveredSchemas', NULL, NULL, false, 'What was discovered of a data source.'),
	('SchemaDocument', NULL, 'schemas', false, 'A schema and everything in it.'),
	('RelationName', NULL, NULL, false, 'The name of a relation.'),
	('Relation', NULL, 'tables', false, 'A table, view, collection or file. Members that have nothing to say are absent.'),
	('Column', NULL, 'columns', false, 'A column, in the source''s order. Members that have nothing to say are absent.'),
	('Key', NULL, NULL, false, 'A primary key or unique constraint.'),
	('ForeignKey', NULL, NULL, false, 'A foreign key.'),
	('CheckConstraint', NULL, NULL, false, 'A check or exclusion constraint.'),
	('Index', NULL, 'indexes', false, 'An index.'),
	('Sequence', NULL, 'sequences', false, 'What a sequence counts.'),
	('SequenceOwner', NULL, NULL, false, 'The column that owns a sequence.'),
	('TableDescription', NULL, NULL, false, 'What is known about a table or view, for people and for those who write queries.'),
	('TableDescriptionColumn', NULL, NULL, false, 'What is known about a column.'),
	('ColumnReference', NULL, NULL, false, 'What a column refers to: the first of its foreign keys by constraint name.'),
	('TableDescriptionList', NULL, NULL, false, 'A page of table descriptions.'),
	('TableDescriptionUpdate', NULL, NULL, true, 'What people write. Only what is given changes; null takes away what was written.'),
	('ColumnDescriptionUpdate', NULL, NULL, true, 'What people write about a column.'),
	('SealingKey', NULL, NULL, false, 'The public key that clients may seal credentials for, so that no server on the way sees them in the clear.'),
	('SealedCredentials', NULL, NULL, true, 'Credentials that a client sealed itself for the key of GET /api/v1/sealing-key.'),
	('Pagination', NULL, NULL, false, 'Where the page stands among all of them.'),
	('Error', NULL, NULL, false, 'Why a request failed. Nothing of it has happened.'),
	('ErrorBody', NULL, NULL, false, 'The failure.')
	) AS o (name, extends, columns_of, is_closed, description);

-- Their members. A name that ends in ? may be absent; more is what else JSON Schema should know.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_member AS
	SELECT row_number() OVER () AS position, m.*
	FROM (VALUES
	('DataSourceItem', 'id', 'integer', NULL, NULL::jsonb),
	('DataSourceItem', 'organization_id', 'integer', NULL, NULL),
	('DataSourceItem', 'workspace_id', 'integer | null', NULL, NULL),
	('DataSourceItem', 'name', 'text', NULL, NULL),
	('DataSourceItem', 'type', 'DataSourceTypeEnum', NULL, NULL),
	('DataSourceItem', 'description', 'text | null', NULL, NULL),
	('DataSourceItem', 'host', 'text | null', NULL, NULL),
	('DataSourceItem', 'port', 'integer | null', NULL, NULL),
	('DataSourceItem', 'database_name', 'text | null', NULL, NULL),
	('DataSourceItem', 'schema_name', 'text | null', NULL, NULL),
	('DataSourceItem', 'file_path', 'text | null', NULL, NULL),
	('DataSourceItem', 'use_ssh_tunnel', 'boolean', NULL, NULL),
	('DataSourceItem', 'ssh_host', 'text | null', NULL, NULL),
	('DataSourceItem', 'ssh_port', 'integer | null', NULL, NULL),
	('DataSourceItem', 'status', 'DataSourceStatus', NULL, NULL),
	('DataSourceItem', 'last_tested_at', 'time | null', NULL, NULL),
	('DataSourceItem', 'last_successful_connection_at', 'time | null', NULL, NULL),
	('DataSourceItem', 'schema_discovered_at', 'time | null', NULL, NULL),
	('DataSourceItem', 'schema_auto_refresh', 'boolean', NULL, NULL),
	('DataSourceItem', 'tags', 'text[]', NULL, NULL),
	('DataSourceItem', 'created_at', 'time', NULL, NULL),
	('DataSourceItem', 'updated_at', 'time', NULL, NULL),

	('DataSource', 'ssh_username', 'text | null', NULL, NULL),
	('DataSource', 'ssh_key_id', 'integer | null', NULL, NULL),
	('DataSource', 'ssh_local_port', 'integer | null', NULL, NULL),
	('DataSource', 'connection_pool_size', 'integer', NULL, NULL),
	('DataSource', 'connection_timeout', 'integer', NULL, NULL),
	('DataSource', 'query_timeout', 'integer', NULL, NULL),
	('DataSource', 'max_retries', 'integer', NULL, NULL),
	('DataSource', 'last_failed_connection_at', 'time | null', NULL, NULL),
	('DataSource', 'failure_count', 'integer', NULL, NULL),
	('DataSource', 'failure_reason', 'text | null', NULL, NULL),
	('DataSource', 'schema_refresh_interval', 'integer', NULL, NULL),
	('DataSource', 'metadata', 'Metadata', NULL, NULL),
	('DataSource', 'created_by_user_id', 'integer', NULL, NULL),
	('DataSource', 'updated_by_user_id', 'integer | null', NULL, NULL),

	('DataSourceList', 'items', 'DataSourceItem[]', 'The data sources.', NULL),
	('DataSourceList', 'pagination?', 'Pagination', 'Absent when after was given.', NULL),
	('DataSourceList', 'next_cursor?', 'text | null', 'The after of the next page; null at the end. Only when after was given.', NULL),

	('DataSourceReference', 'id', 'integer', NULL, NULL),

	('Metadata', 'tls?', 'TlsOptions | null', 'How the connection is encrypted.', NULL),
	('Metadata', 'scan?', 'ScanOptions | null', 'What a scan of the values may keep.', NULL),
	('Metadata', 'discovery?', 'DiscoveryOptions | null', 'What is discovered, and when.', NULL),
	('TlsOptions', 'mode?', 'text', 'How much is asked of the server''s certificate.', '{"enum": ["disable", "prefer", "require", "verify-ca", "verify-full"]}'),
	('TlsOptions', 'ca?', 'text | null', 'The certificates to trust, in PEM form.', NULL),
	('ScanOptions', 'categories?', 'boolean', 'Whether the values of columns that have few are kept.', '{"default": true}'),
	('ScanOptions', 'examples?', 'boolean', 'Whether example rows are kept.', '{"default": true}'),
	('ScanOptions', 'masking?', 'boolean', 'Whether what looks secret or personal is masked; only an admin may switch it off.', '{"default": true}'),
	('DiscoveryOptions', 'include?', 'text[] | null', 'Patterns such as sales or hr.*: only what matches one of them is discovered.', '{"maxItems": 100}'),
	('DiscoveryOptions', 'exclude?', 'text[] | null', 'Patterns such as *.tmp_*: what matches one of them is not.', '{"maxItems": 100}'),
	('DiscoveryOptions', 'window?', 'DiscoveryWindow | null', 'When the schedule may discover.', NULL),
	('DiscoveryWindow', 'from?', 'text | null', 'Its begin, such as 22:00.', '{"default": "00:00", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}'),
	('DiscoveryWindow', 'to?', 'text | null', 'Its end.', '{"default": "24:00", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"}'),
	('DiscoveryWindow', 'time_zone?', 'text | null', 'A name such as Europe/Berlin.', '{"default": "UTC"}'),
	('DiscoveryWindow', 'days?', 'text[] | null', 'The days on which it begins; every day unless given.', '{"minItems": 1, "items": {"type": "string", "pattern": "^([Mm][Oo][Nn]|[Tt][Uu][Ee]|[Ww][Ee][Dd]|[Tt][Hh][Uu]|[Ff][Rr][Ii]|[Ss][Aa][Tt]|[Ss][Uu][Nn])$"}}'),

	('DataSourceType', 'type', 'DataSourceTypeEnum', NULL, NULL),
	('DataSourceType', 'category', 'text', NULL, '{"enum": ["sql", "nosql", "file", "other"]}'),
	('DataSourceType', 'label', 'text', NULL, NULL),
	('DataSourceType', 'required_fields', 'text[]', NULL, NULL),
	('DataSourceType', 'optional_fields', 'text[]', NULL, NULL),
	('DataSourceType', 'credential_keys', 'text[]', NULL, NULL),
	('DataSourceType', 'default_port', 'integer | null', NULL, NULL),
	('DataSourceType', 'database_name_means', 'text | null', NULL, NULL),
	('DataSourceType', 'connector', 'text', NULL, NULL),
	('DataSourceType', 'connector_installed', 'boolean', NULL, NULL),
	('DataSourceType', 'credentials', 'text', NULL, '{"enum": ["required", "optional", "none"]}'),
	('DataSourceType', 'several_hosts', 'boolean', NULL, NULL),

	('ConnectionTest', 'success', 'boolean', 'Whether the source let us in.', NULL),
	('ConnectionTest', 'response_time_ms', 'integer | null', 'From the start of the connector to the authenticated connection, in milliseconds.', NULL),
	('ConnectionTest', 'server_version', 'text | null', 'What the source says it is.', NULL),
	('ConnectionTest', 'failed_step', 'ConnectionStep | null', 'Where it failed.', NULL),
	('ConnectionTest', 'error_code', 'text | null', 'Why: refused, unreachable, timeout, tls, authentication, database_not_found, permission, configuration, unsupported ….', NULL),
	('ConnectionTest', 'error_message', 'text | null', 'The same, for people.', NULL),
	('ConnectionTest', 'error_detail', 'text | null', 'What was wrong where.', NULL),
	('ConnectionCheck', 'kind', 'text', 'What connected.', '{"enum": ["test", "discover"]}'),
	('ConnectionCheck', 'checked_at', 'time', 'When.', NULL),

	('ResponseTimes', 'p50', 'integer | null', 'Half of them were at least as fast.', NULL),
	('ResponseTimes', 'p95', 'integer | null', '95 of 100 were.', NULL),
	('ResponseTimes', 'p99', 'integer | null', '99 of 100 were.', NULL),

	('DataSourceHealth', 'data_source_id', 'integer', 'The data source.', NULL),
	('DataSourceHealth', 'status', 'DataSourceStatus', NULL, NULL),
	('DataSourceHealth', 'server_version', 'text | null', 'What the source said it is when it was last reached.', NULL),
	('DataSourceHealth', 'last_tested_at', 'time | null', NULL, NULL),
	('DataSourceHealth', 'last_successful_connection_at', 'time | null', NULL, NULL),
	('DataSourceHealth', 'last_failed_connection_at', 'time | null', NULL, NULL),
	('DataSourceHealth', 'failure_count', 'integer', NULL, NULL),
	('DataSourceHealth', 'failure_reason', 'text | null', NULL, NULL),
	('DataSourceHealth', 'quarantined_at', 'time | null', 'Since when the schedule leaves it alone, because it failed too often.', NULL),
	('DataSourceHealth', 'checks_24h', 'integer', 'Tests and discoveries of the last 24 hours.', NULL),
	('DataSourceHealth', 'failures_24h', 'integer', 'Those of them that did not connect.', NULL),
	('DataSourceHealth', 'uptime_percent', 'number | null', 'The share of them that connected; null without any.', NULL),
	('DataSourceHealth', 'response_time_ms', 'ResponseTimes', 'How fast they were.', NULL),
	('DataSourceHealth', 'history', 'ConnectionCheck[]', 'The newest ones, newest first.', NULL),

	('DiscoveredSchema', 'schema_name', 'text', NULL, NULL),
	('DiscoveredSchema', 'tables_count', 'integer', NULL, NULL),
	('DiscoveredSchema', 'views_count', 'integer', NULL, NULL),
	('SkippedObject', 'schema', 'text', 'Its schema.', NULL),
	('SkippedObject', 'name?', 'text', 'Its name; absent when the schema could not be listed.', NULL),
	('SkippedObject', 'reason', 'text', 'Why it could not be read.', NULL),
	('SchemaDiscovery', 'data_source_id', 'integer', 'The data source.', NULL),
	('SchemaDiscovery', 'schemas_discovered', 'DiscoveredSchema[]', 'The schemas, empty ones too.', NULL),
	('SchemaDiscovery', 'total_tables', 'integer', 'Tables of all of them.', NULL),
	('SchemaDiscovery', 'total_columns', 'integer', 'Columns of their tables and views.', NULL),
	('SchemaDiscovery', 'discovered_at', 'time', 'When it ended; earlier than now when the answer is from the cache.', NULL),
	('SchemaDiscovery', 'discovery_duration_ms', 'integer', 'How long it took, in milliseconds.', NULL),
	('SchemaDiscovery', 'skipped?', 'SkippedObject[]', 'What could not be read, the first of it.', NULL),

	('QueuedJob', 'job_id', 'integer', NULL, NULL),
	('QueuedJob', 'status', 'JobStatus', NULL, NULL),
	('QueuedScan', 'data_source_id', 'integer', NULL, NULL),
	('QueuedScans', 'jobs', 'QueuedScan[]', 'The jobs.', NULL),
	('JobProgress', 'phase', 'text', NULL, NULL),
	('JobProgress', 'relations_total', 'integer | null', NULL, NULL),
	('JobProgress', 'relations', 'integer', NULL, NULL),
	('JobProgress', 'columns', 'integer', NULL, NULL),
	('JobProgress', 'bytes', 'integer', NULL, NULL),
	('ScanResult', 'relations_scanned', 'integer', 'Tables and views that were looked at.', NULL),
	('ScanResult', 'relations_failed', 'integer', 'Those that could not be.', NULL),
	('Job', 'job_id', 'integer', NULL, NULL),
	('Job', 'data_source_id', 'integer', NULL, NULL),
	('Job', 'kind', 'JobKind', NULL, NULL),
	('Job', 'schema_name', 'text | null', NULL, NULL),
	('Job', 'status', 'JobStatus', NULL, NULL),
	('Job', 'cancel_requested', 'boolean', NULL, NULL),
	('Job', 'attempts', 'integer', NULL, NULL),
	('Job', 'requested_by_user_id', 'integer | null', NULL, NULL),
	('Job', 'queued_at', 'time', NULL, NULL),
	('Job', 'run_after', 'time', NULL, NULL),
	('Job', 'started_at', 'time | null', NULL, NULL),
	('Job', 'finished_at', 'time | null', NULL, NULL),
	('Job', 'progress', 'JobProgress | null', 'How far it is while it runs.', NULL),
	('Job', 'error_code', 'text | null', NULL, NULL),
	('Job', 'error_message', 'text | null', NULL, NULL),
	('Job', 'error_detail', 'text | null', NULL, NULL),
	('Job', 'result', 'object | null', NULL, '{"anyOf": [{"$ref": "#/components/schemas/SchemaDiscovery"}, {"$ref": "#/components/schemas/ScanResult"}, {"$ref": "#/components/schemas/ConnectionTest"}, {"type": "null"}]}'),
	('JobList', 'items', 'Job[]', 'The jobs.', NULL),
	('JobList', 'pagination', 'Pagination', 'Where the page stands.', NULL),

	('DiscoveredSchemas', 'data_source_id', 'integer', 'The data source.', NULL),
	('DiscoveredSchemas', 'schema_discovered_at', 'time | null', 'When a discovery last ended well; null when none did yet.', NULL),
	('DiscoveredSchemas', 'schemas', 'SchemaDocument[]', 'The schemas, by name; on a page those of its tables, and on the first one also those without any.', NULL),
	('DiscoveredSchemas', 'pagination?', 'Pagination', 'Where the page of tables stands; absent when everything is shown.', NULL),
	('SchemaDocument', 'schema_name', 'text', NULL, NULL),
	('SchemaDocument', 'comment', 'text | null', NULL, NULL),
	('SchemaDocument', 'tables_count', 'integer', NULL, NULL),
	('SchemaDocument', 'views_count', 'integer', NULL, NULL),
	('SchemaDocument', 'columns_count', 'integer', NULL, NULL),
	('SchemaDocument', 'tables', 'Relation[]', 'Tables, views and whatever else there is, by name.', NULL),
	('RelationName', 'schema', 'text', 'Its schema.', NULL),
	('RelationName', 'table', 'text', 'Its name.', NULL),
	('Relation', 'table_name', 'text', NULL, NULL),
	('Relation', 'table_type', 'text', NULL, NULL),
	('Relation', 'kind', 'text', NULL, '{"pattern": "^[a-z_]{1,32}$"}'),
	('Relation', 'columns_count', 'integer', NULL, NULL),
	('Relation', 'row_estimate', 'integer | null', NULL, NULL),
	('Relation', 'size_bytes', 'integer | null', NULL, NULL),
	('Relation', 'comment?', 'text', NULL, NULL),
	('Relation', 'owner?', 'text', NULL, NULL),
	('Relation', 'columns?', 'Column[]', 'Its columns, in the source''s order; absent with include_columns=false.', NULL),
	('Relation', 'primary_key?', 'Key', 'Its primary key.', NULL),
	('Relation', 'unique?', 'Key[]', 'Its unique constraints.', NULL),
	('Relation', 'foreign_keys?', 'ForeignKey[]', 'What it refers to.', NULL),
	('Relation', 'checks?', 'CheckConstraint[]', 'Its check constraints.', NULL),
	('Relation', 'exclusions?', 'CheckConstraint[]', 'Its exclusion constraints.', NULL),
	('Relation', 'indexes?', 'Index[]', 'Its indexes.', NULL),
	('Relation', 'definition?', 'text', 'Of a view: its query.', NULL),
	('Relation', 'partition_key?', 'text', NULL, NULL),
	('Relation', 'partition_of?', 'RelationName', 'Of a partition: what it is part of.', NULL),
	('Relation', 'partition_bound?', 'text', NULL, NULL),
	('Relation', 'inherits?', 'RelationName[]', 'What it inherits from.', NULL),
	('Relation', 'server?', 'text', 'Of a foreign table: its server.', NULL),
	('Relation', 'options?', 'object', 'Of a foreign table: its options.', NULL),
	('Relation', 'sequence?', 'Sequence', 'Of a sequence: what it counts.', NULL),
	('Relation', 'unreadable?', 'text[]', NULL, NULL),
	('Column', 'name', 'text', 'As the source spells it.', NULL),
	('Column', 'id?', 'text', 'The source''s own id of it, which stays when it is renamed.', NULL),
	('Column', 'type', 'text', 'The source''s own text for the type.', NULL),
	('Column', 'pg_type?', 'text', NULL, NULL),
	('Column', 'repeated?', 'boolean', 'Whether it is an array of what type and fields say.', NULL),
	('Column', 'fields?', 'Column[]', 'The columns that are nested in it.', NULL),
	('Column', 'not_null?', 'boolean', 'Whether it is never null.', NULL),
	('Column', 'default?', 'text', 'The default, as an expression of the source.', NULL),
	('Column', 'identity?', 'text', 'Of identity columns: how they are filled.', '{"enum": ["always", "by default"]}'),
	('Column', 'generated?', 'text', 'Of generated columns: where the value is kept.', '{"enum": ["stored", "virtual"]}'),
	('Column', 'expression?', 'text', 'Of generated columns: what it is.', NULL),
	('Column', 'collation?', 'text', 'Where it is not the type''s default.', NULL),
	('Column', 'comment?', 'text', NULL, NULL),
	('Column', 'enum?', 'text[]', 'The values of an enumeration, in its order.', NULL),
	('Column', 'domain_base?', 'text', NULL, NULL),
	('Key', 'name?', 'text', 'Its name.', NULL),
	('Key', 'columns', 'text[]', 'Its columns, in its order.', NULL),
	('Key', 'nulls_not_distinct?', 'boolean', 'Whether two nulls are equal to it.', NULL),
	('Key', 'temporal?', 'boolean', 'Whether its last column is a period.', NULL),
	('Key', 'deferrable?', 'boolean', 'Whether it may be deferred.', NULL),
	('Key', 'deferred?', 'boolean', 'Whether it is, unless told otherwise.', NULL),
	('Key', 'not_enforced?', 'boolean', 'True where the source does not see to it.', NULL),
	('ForeignKey', 'name?', 'text', 'Its name.', NULL),
	('ForeignKey', 'columns', 'text[]', 'Its columns, in its order.', NULL),
	('ForeignKey', 'schema?', 'text', 'The schema that it points into.', NULL),
	('ForeignKey', 'table', 'text', 'The table that it points to.', NULL),
	('ForeignKey', 'referenced_columns', 'text[]', 'The columns there, in the same order.', NULL),
	('ForeignKey', 'on_update?', 'text', 'What follows when the row there changes; no action unless told.', NULL),
	('ForeignKey', 'on_delete?', 'text', 'What follows when the row there goes; no action unless told.', NULL),
	('ForeignKey', 'match?', 'text', 'How nulls in part of it are taken.', NULL),
	('ForeignKey', 'deferrable?', 'boolean', 'Whether it may be deferred.', NULL),
	('ForeignKey', 'deferred?', 'boolean', 'Whether it is, unless told otherwise.', NULL),
	('ForeignKey', 'on_delete_columns?', 'text[]', 'The columns that set null or set default sets, where they are not all.', NULL),
	('ForeignKey', 'temporal?', 'boolean', 'Whether its last column is a period.', NULL),
	('ForeignKey', 'not_valid?', 'boolean', 'True while existing rows are not checked.', NULL),
	('ForeignKey', 'not_enforced?', 'boolean', 'True where the source does not see to it.', NULL),
	('CheckConstraint', 'name?', 'text', 'Its name.', NULL),
	('CheckConstraint', 'definition', 'text', 'Its text.', NULL),
	('CheckConstraint', 'not_valid?', 'boolean', 'True while existing rows are not checked.', NULL),
	('CheckConstraint', 'not_enforced?', 'boolean', 'True where the source does not see to it.', NULL),
	('Index', 'name', 'text', 'Its name.', NULL),
	('Index', 'method?', 'text', NULL, NULL),
	('Index', 'unique?', 'boolean', 'Whether it is unique.', NULL),
	('Index', 'primary?', 'boolean', 'Whether it is the primary key''s.', NULL),
	('Index', 'columns?', 'text[]', 'Columns or expressions, in its order.', NULL),
	('Index', 'include?', 'text[]', 'Columns that are only carried along.', NULL),
	('Index', 'predicate?', 'text', NULL, NULL),
	('Index', 'invalid?', 'boolean', 'True while it cannot be used.', NULL),
	('Index', 'definition?', 'text', NULL, NULL),
	('Sequence', 'type?', 'text', 'Its type.', NULL),
	('Sequence', 'start?', 'integer', 'Where it starts.', NULL),
	('Sequence', 'increment?', 'integer', 'Its step.', NULL),
	('Sequence', 'minimum?', 'integer', 'Its least value.', NULL),
	('Sequence', 'maximum?', 'integer', 'Its greatest value.', NULL),
	('Sequence', 'cache?', 'integer', 'How many values a session takes at once.', NULL),
	('Sequence', 'cycle?', 'boolean', 'Whether it starts again at its end.', NULL),
	('Sequence', 'owned_by?', 'SequenceOwner', 'The column that owns it.', NULL),
	('SequenceOwner', 'schema', 'text', 'The schema.', NULL),
	('SequenceOwner', 'table', 'text', 'The table.', NULL),
	('SequenceOwner', 'column', 'text', 'The column.', NULL),

	('TableDescription', 'id', 'text', 'The table description.', NULL),
	('TableDescription', 'db_connection_id', 'text', 'The data source.', NULL),
	('TableDescription', 'table_name', 'text', 'As the source spells it.', NULL),
	('TableDescription', 'description', 'text | null', 'What people wrote, else the source''s comment.', NULL),
	('TableDescription', 'table_schema', 'text', 'Its schema.', NULL),
	('TableDescription', 'status', 'TableDescriptionStatus', 'What became of the table, and of its last scan.', NULL),
	('TableDescription', 'error_message', 'text | null', 'Why the scan failed.', NULL),
	('TableDescription', 'columns', 'TableDescriptionColumn[]', 'Its columns, in the source''s order.', NULL),
	('TableDescription', 'examples', 'object[]', 'A few rows: texts and nulls by column, *** for what looks secret or personal.', '{"items": {"type": "object", "additionalProperties": {"type": ["string", "null"]}}}'),
	('TableDescription', 'description_source?', 'text | null', 'Whose description it is: of people here, or of the source.', '{"enum": ["people", "source", null]}'),
	('TableDescription', 'comment?', 'text | null', 'The source''s own comment.', NULL),
	('TableDescription', 'scanned_at?', 'time | null', 'When the last scan ended, well or badly.', NULL),
	('TableDescriptionColumn', 'name', 'text', 'As the source spells it.', NULL),
	('TableDescriptionColumn', 'is_primary_key', 'boolean', 'Whether it is part of the primary key.', NULL),
	('TableDescriptionColumn', 'data_type', 'text', 'The source''s own text for the type.', NULL),
	('TableDescriptionColumn', 'description', 'text | null', 'What people wrote, else the source''s comment.', NULL),
	('TableDescriptionColumn', 'low_cardinality', 'boolean', 'Whether it has few different values.', NULL),
	('TableDescriptionColumn', 'categories', 'text[]', 'Those values.', NULL),
	('TableDescriptionColumn', 'foreign_key', 'ColumnReference | null', 'What it refers to.', NULL),
	('TableDescriptionColumn', 'description_source?', 'text | null', 'Whose description it is: of people here, or of the source.', '{"enum": ["people", "source", null]}'),
	('TableDescriptionColumn', 'comment?', 'text | null', 'The source''s own comment.', NULL),
	('ColumnReference', 'field_name', 'text', 'The column there.', NULL),
	('ColumnReference', 'reference_table', 'text', 'The table, with its schema when that is another one.', NULL),
	('TableDescriptionList', 'items', 'TableDescription[]', 'The descriptions.', NULL),
	('TableDescriptionList', 'pagination', 'Pagination', 'Where the page stands.', NULL),
	('TableDescriptionUpdate', 'description?', 'text | null', 'About the table.', '{"maxLength": 65536}'),
	('TableDescriptionUpdate', 'columns?', 'ColumnDescriptionUpdate[]', 'About columns; those that are not named stay as they are.', NULL),
	('ColumnDescriptionUpdate', 'name', 'text', 'The column.', NULL),
	('ColumnDescriptionUpdate', 'description', 'text | null', 'About the column.', '{"maxLength": 65536}'),

	('SealingKey', 'organization_id', 'integer', 'What is sealed is for this organization only.', NULL),
	('SealingKey', 'key_id', 'integer', 'The key.', NULL),
	('SealingKey', 'algorithm', 'text', 'How to seal.', NULL),
	('SealingKey', 'public_key', 'text', 'The public key, in base64.', '{"contentEncoding": "base64"}'),
	('SealedCredentials', 'sealed', 'text', 'The sealed box, in base64.', '{"contentEncoding": "base64", "maxLength": 1048576}'),
	('SealedCredentials', 'key_id', 'integer', 'The key that it is sealed for.', '{"minimum": 1}'),
	('SealedCredentials', 'keys?', 'text[] | null', 'The names of the credentials inside.', NULL),

	('Pagination', 'page', 'integer', 'The page; the first is 1.', NULL),
	('Pagination', 'page_size', 'integer', 'How many items a page has at most.', NULL),
	('Pagination', 'total_items', 'integer', 'How many there are on all pages.', NULL),
	('Pagination', 'total_pages', 'integer', 'How many pages there are.', NULL),
	('Pagination', 'has_next', 'boolean', 'Whether there is a page after this one.', NULL),
	('Pagination', 'has_previous', 'boolean', 'Whether there is one before it.', NULL),

	('Error', 'success', 'boolean', 'Always false.', '{"const": false}'),
	('Error', 'error', 'ErrorBody', 'The failure.', NULL),
	('ErrorBody', 'code', 'ErrorCode', 'What programs look at.', NULL),
	('ErrorBody', 'message', 'text', 'The fact, for people.', NULL),
	('ErrorBody', 'details', 'text[]', 'What was wrong where, every fault of the request; then what to do.', NULL)
	) AS m (object, name, type, description, more);

-- What data_sources and its kin say of a column.
CREATE OR REPLACE FUNCTION rivergen_catalog.column_comment(relation text, column_name text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT col_description(a.attrelid, a.attnum)
	FROM pg_attribute a
	WHERE a.attrelid = ('rivergen.' || relation)::regclass AND a.attname = column_name;
END;

-- The schemas of all of them, in their order.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_objects() RETURNS TABLE ("position" bigint, name text, body json)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH member AS (
		SELECT o.name AS object, o.columns_of, m.position, rtrim(m.name, '?') AS name, m.name LIKE '%?' AS is_optional,
			m.type, m.description, m.more
		FROM rivergen_catalog.openapi_object o
		JOIN rivergen_catalog.openapi_member m ON m.object IN (o.name, o.extends)
	), described AS (
		SELECT m.object, json_object_agg(m.name, jsonb_strip_nulls(jsonb_build_object('description',
				coalesce(m.description, rivergen_catalog.column_comment(m.columns_of, m.name))))
				|| rivergen_catalog.openapi_type(m.type) || coalesce(m.more, '{}') ORDER BY m.position) AS properties,
			coalesce(json_agg(m.name ORDER BY m.position) FILTER (WHERE NOT m.is_optional), '[]') AS required
		FROM member m
		GROUP BY m.object
	)
	SELECT o.position, o.name, json_build_object(
		'type', 'object',
		'description', o.description,
		'properties', d.properties,
		'required', d.required,
		'additionalProperties', NOT o.is_closed)
	FROM rivergen_catalog.openapi_object o
	JOIN described d ON d.object = o.name;
END;
