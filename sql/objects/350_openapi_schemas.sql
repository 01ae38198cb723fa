-- The bodies of requests and answers, as GET /api/v1/openapi.json describes them. 360_openapi_examples.sql has the examples,
-- 370_openapi_requests.sql the bodies that create and change a data source, 380_openapi.sql makes the document. Objects
-- whose order readers see are json, because jsonb does not keep it.

-- A schema that also permits null.
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

-- Texts with a fixed list of values.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_enumeration AS
	SELECT 'DataSourceTypeEnum' AS name, 'The type of a source; GET /api/v1/data-source-types lists what each type needs.' AS description,
		(SELECT array_agg(t.type ORDER BY t.position) FROM rivergen.data_source_types() t) AS labels
	UNION ALL VALUES
	('DataSourceStatus', 'The outcome of the last test or discovery; a user sets maintenance.',
		'{active,inactive,testing,failed,maintenance}'::text[]),
	('JobStatus', 'The state of a job; the last three are final.', rivergen_catalog.job_statuses()),
	('JobKind', 'The work of a job.', rivergen_catalog.job_kinds()),
	('TableDescriptionStatus', 'NOT_SCANNED: no scan has read the values yet. SYNCHRONIZING: a discovery or scan is queued or runs. DEPRECATED: the table is no longer in the source. SCANNED: the last scan succeeded. FAILED: it failed; error_message says why.',
		'{NOT_SCANNED,SYNCHRONIZING,DEPRECATED,SCANNED,FAILED}'),
	('TestedAgainst', 'What the tests of a connector ran against.', '{real,emulator,simulated}'),
	('SandboxLevel', 'How a connector was confined; each level includes those before it.', '{basic,filtered,confined,full}'),
	('ConnectionStep', 'The step at which a connection failed.', '{configure,resolve,ssh,connect,tls,authenticate,query}');

-- Objects. A closed object refuses members that it does not name. columns_of is the view whose COMMENTs describe members
-- that have no description below. extends names an object whose members this one has too.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_object AS
	SELECT row_number() OVER () AS position, o.*
	FROM (VALUES
	('DataSourceItem', NULL, 'data_sources', false, 'A data source as lists show it.'),
	('DataSource', 'DataSourceItem', 'data_sources', false, 'A data source, without its credentials.'),
	('DataSourceList', NULL, NULL, false, 'A page of data sources: with pagination, or with next_cursor when after is given.'),
	('DataSourceReference', NULL, 'data_sources', false, 'The data source.'),
	('Metadata', NULL, NULL, false, 'Further settings of a data source: some members with a meaning here, and any of your own. At most 64 kB; private keys belong in credentials.'),
	('TlsOptions', NULL, NULL, true, 'How the connection is encrypted.'),
	('ScanOptions', NULL, NULL, true, 'The parts of a scan''s results; all are on by default.'),
	('QueryOptions', NULL, NULL, true, 'Whether and how the source may be read in place; only an admin may switch it on.'),
	('DiscoveryOptions', NULL, NULL, true, 'The patterns and hours of discovery.'),
	('DiscoveryWindow', NULL, NULL, true, 'The hours in which the schedule may discover the source. An end that is not later than the beginning is on the next day.'),
	('DataSourceType', NULL, 'data_source_types', false, 'A type of data sources, and the fields that it needs.'),
	('ConnectionTest', NULL, NULL, false, 'The outcome of an attempt to connect. A connection that fails is an answer, not an error.'),
	('DatabaseList', 'ConnectionTest', NULL, false, 'The databases of a server, or why it could not be connected to.'),
	('ConnectionCheck', 'ConnectionTest', NULL, false, 'A past test or discovery.'),
	('ResponseTimes', NULL, NULL, false, 'Percentiles of the last 24 hours, in milliseconds.'),
	('DataSourceHealth', NULL, 'data_sources', false, 'The health of a data source.'),
	('DiscoveredSchema', NULL, 'schemas', false, 'A discovered schema, with its counts.'),
	('SkippedObject', NULL, NULL, false, 'A schema or relation that could not be read; the result of an earlier discovery stays.'),
	('SchemaDiscovery', NULL, NULL, false, 'The statistics of a discovery.'),
	('QueuedJob', NULL, 'jobs', false, 'A job that runs in the background.'),
	('QueuedScan', 'QueuedJob', 'jobs', false, 'The scan of one data source, which runs in the background.'),
	('QueuedScans', NULL, NULL, false, 'The scans that were queued, one for each data source.'),
	('ReadColumn', NULL, NULL, false, 'A column of rows that were read.'),
	('ReadRows', NULL, NULL, false, 'Rows that were read in place.'),
	('AttachedName', NULL, NULL, false, 'A table that has another name here.'),
	('AttachmentProblem', NULL, NULL, false, 'A table that is no foreign table, or not as the source has it.'),
	('Attachment', NULL, NULL, false, 'The foreign tables that were made.'),
	('Detachment', NULL, NULL, false, 'The foreign tables that were dropped.'),
	('JobProgress', NULL, 'jobs', false, 'The progress of a running job.'),
	('ScanResult', NULL, NULL, false, 'The result of a scan.'),
	('Job', NULL, 'jobs', false, 'A discovery, test or scan.'),
	('Dial', NULL, NULL, false, 'An address that a connector dialed, and what became of it.'),
	('JobList', NULL, NULL, false, 'A page of jobs, newest first.'),
	('DiscoveredSchemas', NULL, NULL, false, 'The discovered schemas of a data source.'),
	('SchemaDocument', NULL, 'schemas', false, 'A schema and everything in it.'),
	('RelationName', NULL, NULL, false, 'The name of a relation.'),
	('Relation', NULL, 'tables', false, 'A table, view, collection or file. Members without a value are absent.'),
	('Column', NULL, 'columns', false, 'A column, in the source''s order. Members without a value are absent.'),
	('Key', NULL, NULL, false, 'A primary key or unique constraint.'),
	('ForeignKey', NULL, NULL, false, 'A foreign key.'),
	('CheckConstraint', NULL, NULL, false, 'A check or exclusion constraint.'),
	('Index', NULL, 'indexes', false, 'An index.'),
	('Sequence', NULL, 'sequences', false, 'The range and step of a sequence.'),
	('SequenceOwner', NULL, NULL, false, 'The column that owns a sequence.'),
	('TableDescription', NULL, NULL, false, 'The description of a table or view, for people and for programs that write queries.'),
	('TableDescriptionColumn', NULL, NULL, false, 'The description of a column.'),
	('ColumnReference', NULL, NULL, false, 'The target of a column''s foreign key: of several, the first by constraint name.'),
	('TableDescriptionList', NULL, NULL, false, 'A page of table descriptions.'),
	('TableDescriptionUpdate', NULL, NULL, true, 'Texts about a table and its columns. Absent texts stay; null deletes a text.'),
	('ColumnDescriptionUpdate', NULL, NULL, true, 'A text about a column.'),
	('SealingKey', NULL, NULL, false, 'The public key that clients may seal credentials for, so that no server on the way sees them in the clear.'),
	('SealedCredentials', NULL, NULL, true, 'Credentials that a client sealed itself for the key of GET /api/v1/sealing-key.'),
	('Pagination', NULL, NULL, false, 'The position of the page among all pages.'),
	('Error', NULL, NULL, false, 'The reason of a failed request. A failed request changes nothing.'),
	('ErrorBody', NULL, NULL, false, 'The failure.')
	) AS o (name, extends, columns_of, is_closed, description);

-- Their members. A name that ends in ? may be absent; more has further keywords of JSON Schema.
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
	('Metadata', 'scan?', 'ScanOptions | null', 'The parts of a scan''s results.', NULL),
	('Metadata', 'query?', 'QueryOptions | null', 'Whether the source may be read in place.', NULL),
	('Metadata', 'discovery?', 'DiscoveryOptions | null', 'The patterns and hours of discovery.', NULL),
	('TlsOptions', 'mode?', 'text', 'Whether the connection is encrypted, and how the server''s certificate is checked.', '{"enum": ["disable", "prefer", "require", "verify-ca", "verify-full"]}'),
	('TlsOptions', 'ca?', 'text | null', 'The certificates to trust, in PEM form.', NULL),
	('QueryOptions', 'enabled?', 'boolean', 'Whether the source may be read in place.', '{"default": false}'),
	('QueryOptions', 'viewers?', 'boolean', 'Whether viewers may read rows.', '{"default": false}'),
	('QueryOptions', 'masking?', 'boolean', 'Whether values that look secret or personal are masked; foreign tables and queries are refused then.', '{"default": false}'),
	('QueryOptions', 'max_rows?', 'integer', 'The most rows of one reading.', '{"minimum": 1, "maximum": 1000000000000}'),
	('QueryOptions', 'timeout?', 'integer', 'The most seconds of one reading.', '{"minimum": 1, "maximum": 86400}'),
	('ScanOptions', 'categories?', 'boolean', 'Whether the values of columns with few different values are stored.', '{"default": true}'),
	('ScanOptions', 'examples?', 'boolean', 'Whether example rows are stored.', '{"default": true}'),
	('ScanOptions', 'masking?', 'boolean', 'Whether values that look secret or personal are masked; only an admin may switch it off.', '{"default": true}'),
	('DiscoveryOptions', 'include?', 'text[] | null', 'Patterns such as sales or hr.*: only schemas and relations that match one of them are discovered.', '{"maxItems": 100}'),
	('DiscoveryOptions', 'exclude?', 'text[] | null', 'Patterns such as *.tmp_*: schemas and relations that match one of them are not discovered.', '{"maxItems": 100}'),
	('DiscoveryOptions', 'window?', 'DiscoveryWindow | null', 'When the schedule may discover.', NULL),
	('DiscoveryWindow', 'from?', 'text | null', 'Its beginning, such as 22:00.', '{"default": "00:00", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}'),
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
	('DataSourceType', 'tested_against', 'TestedAgainst | null', NULL, NULL),

	('ConnectionTest', 'success', 'boolean', 'Whether the connection succeeded.', NULL),
	('ConnectionTest', 'response_time_ms', 'integer | null', 'From the start of the connector to the authenticated connection, in milliseconds.', NULL),
	('ConnectionTest', 'server_version', 'text | null', 'Product and version, as the source reports them.', NULL),
	('ConnectionTest', 'ssh_tunnel_established', 'boolean | null', 'Whether the SSH tunnel was there; null: the data source has none.', NULL),
	('ConnectionTest', 'failed_step', 'ConnectionStep | null', 'The step that failed.', NULL),
	('ConnectionTest', 'error_code', 'text | null', 'The reason, for programs: refused, unreachable, timeout, tls, authentication, database_not_found, permission, configuration, unsupported ….', NULL),
	('ConnectionTest', 'error_message', 'text | null', 'The reason, for people.', NULL),
	('ConnectionTest', 'error_detail', 'text | null', 'Further details, such as the place of the fault.', NULL),
	('DatabaseList', 'databases', 'text[] | null', 'The names of the databases that the user may see, in their order; null if the connection failed.', NULL),
	('ConnectionCheck', 'kind', 'text', 'The kind of job that connected.', '{"enum": ["test", "discover"]}'),
	('ConnectionCheck', 'checked_at', 'time', 'When the job connected or failed.', NULL),

	('ResponseTimes', 'p50', 'integer | null', 'The median.', NULL),
	('ResponseTimes', 'p95', 'integer | null', '95 of 100 were at least as fast.', NULL),
	('ResponseTimes', 'p99', 'integer | null', '99 of 100 were at least as fast.', NULL),

	('DataSourceHealth', 'data_source_id', 'integer', 'The data source.', NULL),
	('DataSourceHealth', 'status', 'DataSourceStatus', NULL, NULL),
	('DataSourceHealth', 'server_version', 'text | null', 'Product and version, as the source reported them at the last connection.', NULL),
	('DataSourceHealth', 'last_tested_at', 'time | null', NULL, NULL),
	('DataSourceHealth', 'last_successful_connection_at', 'time | null', NULL, NULL),
	('DataSourceHealth', 'last_failed_connection_at', 'time | null', NULL, NULL),
	('DataSourceHealth', 'failure_count', 'integer', NULL, NULL),
	('DataSourceHealth', 'failure_reason', 'text | null', NULL, NULL),
	('DataSourceHealth', 'quarantined_at', 'time | null', 'Since when the schedule does not connect to it, because connectors or workers crashed too often.', NULL),
	('DataSourceHealth', 'checks_24h', 'integer', 'Tests and discoveries of the last 24 hours.', NULL),
	('DataSourceHealth', 'failures_24h', 'integer', 'Tests and discoveries of the last 24 hours that did not connect.', NULL),
	('DataSourceHealth', 'uptime_percent', 'number | null', 'The share of checks_24h that connected; null without checks.', NULL),
	('DataSourceHealth', 'response_time_ms', 'ResponseTimes', 'How fast they connected.', NULL),
	('DataSourceHealth', 'history', 'ConnectionCheck[]', 'The newest ones, newest first.', NULL),

	('DiscoveredSchema', 'schema_name', 'text', NULL, NULL),
	('DiscoveredSchema', 'tables_count', 'integer', NULL, NULL),
	('DiscoveredSchema', 'views_count', 'integer', NULL, NULL),
	('SkippedObject', 'schema', 'text', 'Its schema.', NULL),
	('SkippedObject', 'name?', 'text', 'Its name; absent when the schema could not be listed.', NULL),
	('SkippedObject', 'reason', 'text', 'Why it could not be read.', NULL),
	('SchemaDiscovery', 'data_source_id', 'integer', 'The data source.', NULL),
	('SchemaDiscovery', 'schemas_discovered', 'DiscoveredSchema[]', 'The schemas, with the empty ones.', NULL),
	('SchemaDiscovery', 'total_tables', 'integer', 'Tables of all schemas.', NULL),
	('SchemaDiscovery', 'total_columns', 'integer', 'Columns of their tables and views.', NULL),
	('SchemaDiscovery', 'discovered_at', 'time', 'When it ended; earlier than now when the answer is from the cache.', NULL),
	('SchemaDiscovery', 'discovery_duration_ms', 'integer', 'How long it took, in milliseconds.', NULL),
	('SchemaDiscovery', 'skipped?', 'SkippedObject[]', 'Schemas and relations that could not be read; of many, the first.', NULL),

	('QueuedJob', 'job_id', 'integer', NULL, NULL),
	('QueuedJob', 'status', 'JobStatus', NULL, NULL),
	('QueuedScan', 'data_source_id', 'integer', NULL, NULL),
	('QueuedScans', 'jobs', 'QueuedScan[]', 'The jobs.', NULL),
	('ReadColumn', 'name', 'text', 'The name.', NULL),
	('ReadColumn', 'type', 'text', 'The PostgreSQL type that can hold its values.', NULL),
	('ReadRows', 'columns', 'ReadColumn[]', 'The columns, in the order of the values.', NULL),
	('ReadRows', 'rows', 'object[]', 'The rows. Numbers, truth values and JSON as such, everything else as text.', '{"items": {"type": "array"}}'),
	('ReadRows', 'truncated', 'boolean', 'Whether there are, or may be, more rows.', NULL),
	('AttachedName', 'table_schema', 'text', 'The schema at the source.', NULL),
	('AttachedName', 'table_name', 'text', 'The name at the source.', NULL),
	('AttachedName', 'local_name', 'text', 'The name here.', NULL),
	('AttachmentProblem', 'table_schema', 'text', 'The schema at the source.', NULL),
	('AttachmentProblem', 'table_name', 'text', 'The name at the source.', NULL),
	('AttachmentProblem', 'local_name', 'text | null', 'The name here.', NULL),
	('AttachmentProblem', 'reason', 'text', 'Why.', NULL),
	('AttachmentProblem', 'dependents', 'text[]', 'The objects that depend on it.', NULL),
	('Attachment', 'data_source_id', 'integer', 'The data source.', NULL),
	('Attachment', 'server', 'text | null', 'The foreign server; null after a dry run.', NULL),
	('Attachment', 'local_schemas', 'object', 'The local schema of each schema of the source.', '{"additionalProperties": {"type": "string"}}'),
	('Attachment', 'tables_count', 'integer', 'How many foreign tables.', NULL),
	('Attachment', 'renamed', 'AttachedName[]', 'The tables whose name is another one here.', NULL),
	('Attachment', 'skipped', 'AttachmentProblem[]', 'The tables that are no foreign tables.', NULL),
	('Attachment', 'dry_run', 'boolean', 'Whether nothing was made.', NULL),
	('Attachment', 'reading_enabled', 'boolean', 'Whether metadata.query.enabled is true.', NULL),
	('Detachment', 'data_source_id', 'integer | null', 'The data source; null if it was purged.', NULL),
	('Detachment', 'local_schemas', 'text[]', 'The local schemas.', NULL),
	('Detachment', 'tables_count', 'integer', 'How many foreign tables.', NULL),
	('JobProgress', 'phase', 'text', NULL, NULL),
	('JobProgress', 'relations_total', 'integer | null', NULL, NULL),
	('JobProgress', 'relations', 'integer', NULL, NULL),
	('JobProgress', 'columns', 'integer', NULL, NULL),
	('JobProgress', 'bytes', 'integer', NULL, NULL),
	('ScanResult', 'relations_scanned', 'integer', 'Tables and views that the scan read.', NULL),
	('ScanResult', 'relations_failed', 'integer', 'Tables and views that the scan could not read.', NULL),
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
	('Job', 'progress', 'JobProgress | null', 'The progress, while it runs.', NULL),
	('Job', 'error_code', 'text | null', NULL, NULL),
	('Job', 'error_message', 'text | null', NULL, NULL),
	('Job', 'error_detail', 'text | null', NULL, NULL),
	('Job', 'result', 'object | null', NULL, '{"anyOf": [{"$ref": "#/components/schemas/SchemaDiscovery"}, {"$ref": "#/components/schemas/ScanResult"}, {"$ref": "#/components/schemas/ConnectionTest"}, {"type": "null"}]}'),
	('Job', 'sandbox_level', 'SandboxLevel | null', NULL, NULL),
	('Job', 'sandbox_missing', 'text[] | null', NULL, NULL),
	('Job', 'dialed', 'Dial[] | null', NULL, NULL),
	('Dial', 'address', 'text', 'The numeric address.', NULL),
	('Dial', 'port', 'integer', 'The port.', '{"minimum": 0, "maximum": 65535}'),
	('Dial', 'verdict', 'text', 'connected, denied:… (by the network rules), failed:… (the system''s error), timeout, pending or given.', NULL),
	('JobList', 'items', 'Job[]', 'The jobs.', NULL),
	('JobList', 'pagination', 'Pagination', 'The position of the page.', NULL),

	('DiscoveredSchemas', 'data_source_id', 'integer', 'The data source.', NULL),
	('DiscoveredSchemas', 'schema_discovered_at', 'time | null', 'When a discovery last succeeded; null before the first success.', NULL),
	('DiscoveredSchemas', 'schemas', 'SchemaDocument[]', 'The schemas, by name; a page has the schemas of its tables, and the first page also those without tables.', NULL),
	('DiscoveredSchemas', 'pagination?', 'Pagination', 'The position of the page of tables; absent when everything is shown.', NULL),
	('SchemaDocument', 'schema_name', 'text', NULL, NULL),
	('SchemaDocument', 'comment', 'text | null', NULL, NULL),
	('SchemaDocument', 'tables_count', 'integer', NULL, NULL),
	('SchemaDocument', 'views_count', 'integer', NULL, NULL),
	('SchemaDocument', 'columns_count', 'integer', NULL, NULL),
	('SchemaDocument', 'tables', 'Relation[]', 'Tables, views and other relations, by name.', NULL),
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
	('Relation', 'foreign_keys?', 'ForeignKey[]', 'Its foreign keys.', NULL),
	('Relation', 'checks?', 'CheckConstraint[]', 'Its check constraints.', NULL),
	('Relation', 'exclusions?', 'CheckConstraint[]', 'Its exclusion constraints.', NULL),
	('Relation', 'indexes?', 'Index[]', 'Its indexes.', NULL),
	('Relation', 'definition?', 'text', 'Of a view: its query.', NULL),
	('Relation', 'partition_key?', 'text', NULL, NULL),
	('Relation', 'partition_of?', 'RelationName', 'Of a partition: the partitioned table.', NULL),
	('Relation', 'partition_bound?', 'text', NULL, NULL),
	('Relation', 'inherits?', 'RelationName[]', 'The tables that it inherits from.', NULL),
	('Relation', 'server?', 'text', 'Of a foreign table: its server.', NULL),
	('Relation', 'options?', 'object', 'Of a foreign table: its options.', NULL),
	('Relation', 'sequence?', 'Sequence', 'Of a sequence: its range and step.', NULL),
	('Relation', 'unreadable?', 'text[]', NULL, NULL),
	('Column', 'name', 'text', 'As the source spells it.', NULL),
	('Column', 'id?', 'text', 'The source''s own id of the column, which stays when the column is renamed.', NULL),
	('Column', 'type', 'text', 'The source''s own text for the type.', NULL),
	('Column', 'pg_type?', 'text', NULL, NULL),
	('Column', 'repeated?', 'boolean', 'Whether it is an array; type and fields then describe an element.', NULL),
	('Column', 'fields?', 'Column[]', 'The columns that are nested in it.', NULL),
	('Column', 'not_null?', 'boolean', 'Whether it is never null.', NULL),
	('Column', 'default?', 'text', 'The default, as an expression of the source.', NULL),
	('Column', 'identity?', 'text', 'Of identity columns: how they are filled.', '{"enum": ["always", "by default"]}'),
	('Column', 'generated?', 'text', 'Of generated columns: where the value is kept.', '{"enum": ["stored", "virtual"]}'),
	('Column', 'expression?', 'text', 'Of generated columns: the expression.', NULL),
	('Column', 'collation?', 'text', 'Where it is not the type''s default.', NULL),
	('Column', 'comment?', 'text', NULL, NULL),
	('Column', 'enum?', 'text[]', 'The values of an enumeration, in its order.', NULL),
	('Column', 'domain_base?', 'text', NULL, NULL),
	('Key', 'name?', 'text', 'Its name.', NULL),
	('Key', 'columns', 'text[]', 'Its columns, in its order.', NULL),
	('Key', 'nulls_not_distinct?', 'boolean', 'Whether the key treats two nulls as equal.', NULL),
	('Key', 'temporal?', 'boolean', 'Whether its last column is a period.', NULL),
	('Key', 'deferrable?', 'boolean', 'Whether it may be deferred.', NULL),
	('Key', 'deferred?', 'boolean', 'Whether it is deferred unless a transaction sets it otherwise.', NULL),
	('Key', 'not_enforced?', 'boolean', 'True where the source does not enforce it.', NULL),
	('ForeignKey', 'name?', 'text', 'Its name.', NULL),
	('ForeignKey', 'columns', 'text[]', 'Its columns, in its order.', NULL),
	('ForeignKey', 'schema?', 'text', 'The schema that it points into.', NULL),
	('ForeignKey', 'table', 'text', 'The table that it points to.', NULL),
	('ForeignKey', 'referenced_columns', 'text[]', 'The columns there, in the same order.', NULL),
	('ForeignKey', 'on_update?', 'text', 'The action when the referenced row changes; no action when absent.', NULL),
	('ForeignKey', 'on_delete?', 'text', 'The action when the referenced row is deleted; no action when absent.', NULL),
	('ForeignKey', 'match?', 'text', 'How a key with some null columns is checked.', NULL),
	('ForeignKey', 'deferrable?', 'boolean', 'Whether it may be deferred.', NULL),
	('ForeignKey', 'deferred?', 'boolean', 'Whether it is deferred unless a transaction sets it otherwise.', NULL),
	('ForeignKey', 'on_delete_columns?', 'text[]', 'The columns that set null or set default sets; all of the key when absent.', NULL),
	('ForeignKey', 'temporal?', 'boolean', 'Whether its last column is a period.', NULL),
	('ForeignKey', 'not_valid?', 'boolean', 'True while existing rows are not checked.', NULL),
	('ForeignKey', 'not_enforced?', 'boolean', 'True where the source does not enforce it.', NULL),
	('CheckConstraint', 'name?', 'text', 'Its name.', NULL),
	('CheckConstraint', 'definition', 'text', 'Its text.', NULL),
	('CheckConstraint', 'not_valid?', 'boolean', 'True while existing rows are not checked.', NULL),
	('CheckConstraint', 'not_enforced?', 'boolean', 'True where the source does not enforce it.', NULL),
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
	('TableDescription', 'description', 'text | null', 'The text that users wrote, else the source''s comment.', NULL),
	('TableDescription', 'table_schema', 'text', 'Its schema.', NULL),
	('TableDescription', 'status', 'TableDescriptionStatus', 'The state of the table and of its last scan.', NULL),
	('TableDescription', 'error_message', 'text | null', 'Why the scan failed.', NULL),
	('TableDescription', 'columns', 'TableDescriptionColumn[]', 'Its columns, in the source''s order.', NULL),
	('TableDescription', 'examples', 'object[]', 'A few rows: texts and nulls by column, *** for what looks secret or personal.', '{"items": {"type": "object", "additionalProperties": {"type": ["string", "null"]}}}'),
	('TableDescription', 'description_source?', 'text | null', 'The origin of the description: people (users wrote it) or source (its comment).', '{"enum": ["people", "source", null]}'),
	('TableDescription', 'comment?', 'text | null', 'The source''s own comment.', NULL),
	('TableDescription', 'scanned_at?', 'time | null', 'When the last scan ended, with or without success.', NULL),
	('TableDescriptionColumn', 'name', 'text', 'As the source spells it.', NULL),
	('TableDescriptionColumn', 'is_primary_key', 'boolean', 'Whether it is part of the primary key.', NULL),
	('TableDescriptionColumn', 'data_type', 'text', 'The source''s own text for the type.', NULL),
	('TableDescriptionColumn', 'description', 'text | null', 'The text that users wrote, else the source''s comment.', NULL),
	('TableDescriptionColumn', 'low_cardinality', 'boolean', 'Whether it has few different values.', NULL),
	('TableDescriptionColumn', 'categories', 'text[]', 'Those values; empty if there are many.', NULL),
	('TableDescriptionColumn', 'foreign_key', 'ColumnReference | null', 'The column that it references.', NULL),
	('TableDescriptionColumn', 'description_source?', 'text | null', 'The origin of the description: people (users wrote it) or source (its comment).', '{"enum": ["people", "source", null]}'),
	('TableDescriptionColumn', 'comment?', 'text | null', 'The source''s own comment.', NULL),
	('ColumnReference', 'field_name', 'text', 'The column there.', NULL),
	('ColumnReference', 'reference_table', 'text', 'The table, with its schema if that is another one.', NULL),
	('TableDescriptionList', 'items', 'TableDescription[]', 'The descriptions.', NULL),
	('TableDescriptionList', 'pagination', 'Pagination', 'The position of the page.', NULL),
	('TableDescriptionUpdate', 'description?', 'text | null', 'About the table.', '{"maxLength": 65536}'),
	('TableDescriptionUpdate', 'columns?', 'ColumnDescriptionUpdate[]', 'About columns; the texts of other columns stay.', NULL),
	('ColumnDescriptionUpdate', 'name', 'text', 'The column.', NULL),
	('ColumnDescriptionUpdate', 'description', 'text | null', 'About the column.', '{"maxLength": 65536}'),

	('SealingKey', 'organization_id', 'integer', 'Sealed credentials are valid in this organization only.', NULL),
	('SealingKey', 'key_id', 'integer', 'The key.', NULL),
	('SealingKey', 'algorithm', 'text', 'The algorithm to seal with.', NULL),
	('SealingKey', 'public_key', 'text', 'The public key, in base64.', '{"contentEncoding": "base64"}'),
	('SealedCredentials', 'sealed', 'text', 'The sealed box, in base64.', '{"contentEncoding": "base64", "maxLength": 1048576}'),
	('SealedCredentials', 'key_id', 'integer', 'The key that it is sealed for.', '{"minimum": 1}'),
	('SealedCredentials', 'keys?', 'text[] | null', 'The names of the credentials inside.', NULL),

	('Pagination', 'page', 'integer', 'The page; the first is 1.', NULL),
	('Pagination', 'page_size', 'integer', 'How many items a page has at most.', NULL),
	('Pagination', 'total_items', 'integer', 'How many there are on all pages.', NULL),
	('Pagination', 'total_pages', 'integer', 'How many pages there are.', NULL),
	('Pagination', 'has_next', 'boolean', 'Whether there is a page after this one.', NULL),
	('Pagination', 'has_previous', 'boolean', 'Whether there is a page before this one.', NULL),

	('Error', 'success', 'boolean', 'Always false.', '{"const": false}'),
	('Error', 'error', 'ErrorBody', 'The failure.', NULL),
	('ErrorBody', 'code', 'ErrorCode', 'The code, for programs.', NULL),
	('ErrorBody', 'message', 'text', 'The fault, for people.', NULL),
	('ErrorBody', 'details', 'text[]', 'Every fault of the request with its place; then what to do.', NULL)
	) AS m (object, name, type, description, more);

-- The COMMENT of a column of one of the public views.
CREATE OR REPLACE FUNCTION rivergen_catalog.column_comment(relation text, column_name text) RETURNS text
	LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT col_description(a.attrelid, a.attnum)
	FROM pg_attribute a
	WHERE a.attrelid = ('rivergen.' || relation)::regclass AND a.attname = column_name;
END;

-- The JSON Schemas of all objects, in their order.
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
