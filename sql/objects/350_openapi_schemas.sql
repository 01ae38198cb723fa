-- The bodies of requests and answers, as GET /api/v1/openapi.json describes them. 355_openapi_members.sql has their members,
-- 360_openapi_examples.sql the examples, 370_openapi_requests.sql the bodies that create and change a data source;
-- 380_openapi.sql makes the document. Objects whose order readers see are json, because jsonb does not keep it.

-- A schema that also permits null.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_nullable(schema jsonb) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN schema ? '$ref' THEN jsonb_build_object('anyOf', jsonb_build_array(schema, '{"type": "null"}'::jsonb))
		ELSE schema || jsonb_build_object('type', jsonb_build_array(schema -> 'type', 'null')) END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_reference(schema text) RETURNS jsonb
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN jsonb_build_object('$ref', '#/components/schemas/' || schema);

-- A type as the tables of members write it: text, time, integer, number, boolean, object or the name of a schema; then []
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
-- that have no description there. extends names an object whose members this one has too.
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
	('ForeignServer', NULL, NULL, false, 'A foreign server of the database that keeps the catalog.'),
	('DataSourceFromForeignServer', 'DataSource', 'data_sources', false, 'A data source that was made of a foreign server.'),
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
	('SearchHit', NULL, NULL, false, 'What a search found.'),
	('SearchFacet', NULL, NULL, false, 'How many hits are in a data source.'),
	('TagFacet', NULL, NULL, false, 'How many hits a tag covers.'),
	('SearchFacets', NULL, NULL, false, 'How many hits there are.'),
	('SearchResult', NULL, NULL, false, 'The hits of a search, best first.'),
	('ContextTable', NULL, NULL, false, 'A table of a schema context.'),
	('ContextJoin', NULL, NULL, false, 'A foreign key between two tables of a schema context.'),
	('ContextOmitted', NULL, NULL, false, 'What did not fit.'),
	('ContextNotFound', NULL, NULL, false, 'The wanted names that nothing in scope has.'),
	('SchemaContext', NULL, NULL, false, 'The schema as text, for writing a query.'),
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
	('TableDescriptionUpdate', NULL, NULL, true, 'Texts about a table and its columns, and their tags. What is absent stays; null deletes.'),
	('DescriptionDocument', NULL, NULL, true, 'Texts and tags of tables and columns. A member without a value is left out of an export; when the document is applied, what is absent stays, and null deletes.'),
	('DescriptionEntry', NULL, NULL, true, 'What users wrote about a table and its columns, and how they marked them.'),
	('ColumnDescriptionEntry', NULL, NULL, true, 'The same about a column.'),
	('DescriptionResult', NULL, NULL, false, 'What became of a document.'),
	('DescriptionCounts', NULL, NULL, false, 'How many entries were or are what.'),
	('DescriptionCoverage', NULL, 'description_coverage', false, 'How much of a data source is described.'),
	('DescriptionOutcome', NULL, NULL, false, 'What became of an entry.'),
	('ColumnDescriptionUpdate', NULL, NULL, true, 'A text about a column, its tags, or both.'),
	('SealingKey', NULL, NULL, false, 'The public key that clients may seal credentials for, so that no server on the way sees them in the clear.'),
	('SealedCredentials', NULL, NULL, true, 'Credentials that a client sealed itself for the key of GET /api/v1/sealing-key.'),
	('Pagination', NULL, NULL, false, 'The position of the page among all pages.'),
	('Error', NULL, NULL, false, 'The reason of a failed request. A failed request changes nothing.'),
	('ErrorBody', NULL, NULL, false, 'The failure.')
	) AS o (name, extends, columns_of, is_closed, description);
