-- The bodies that create and change a data source, made from the tables that check them (src/check/field.c,
-- src/check/source_type.c): the document cannot promise what the check refuses.

CREATE OR REPLACE FUNCTION rivergen_catalog.request_fields(
	OUT "position" integer, OUT name text, OUT kind text, OUT minimum bigint, OUT maximum bigint, OUT initial jsonb,
	OUT is_required boolean, OUT is_fixed boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'rg_sql_request_fields'
	LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 22;

-- The schema of a field's values, without null. A bound beyond the integers that every JSON parser knows is left out.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_field(name text, kind text, minimum bigint, maximum bigint) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE
		WHEN name = 'type' THEN rivergen_catalog.openapi_reference('DataSourceTypeEnum')
		WHEN kind = 'metadata' THEN rivergen_catalog.openapi_reference('Metadata')
		WHEN kind = 'tags' THEN '{"type": "array", "maxItems": 100,
			"items": {"type": "string", "minLength": 1, "maxLength": 100}}'
		WHEN kind = 'boolean' THEN '{"type": "boolean"}'
		WHEN kind = 'integer' THEN jsonb_strip_nulls(jsonb_build_object('type', 'integer', 'minimum', minimum,
			'maximum', CASE WHEN maximum < 1::bigint << 53 THEN maximum END))
		ELSE jsonb_strip_nulls(jsonb_build_object('type', 'string', 'minLength', nullif(minimum, 0), 'maxLength', maximum)) END;

-- Members of such a request that are no fields, and the field that they follow.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_extra_member (name, after, is_for_update, schema) AS
	VALUES
	('connection_string', 'schema_name', true, '{"type": ["string", "null"],
		"description": "Instead of host, port and database_name: a URL, for PostgreSQL also keywords and values. Its parts become fields and credentials at once; the string itself is not stored."}'::jsonb),
	('storage_file_id', 'file_path', true, '{"type": ["integer", "null"], "deprecated": true,
		"description": "Use file_path instead. This field is ignored."}'),
	('credentials', 'schema_refresh_interval', false, '{"$ref": "#/components/schemas/Credentials",
		"description": "The credentials of the connection; an empty object if it needs none. Encrypted at once, and never shown."}');

-- In a new source a null field is as if absent, unless it is required; in a change null clears the field, or resets it to its
-- default.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_request_members(for_update boolean) RETURNS json
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH field AS (
		SELECT f.position::numeric, f.name, jsonb_strip_nulls(jsonb_build_object(
			'description', rivergen_catalog.column_comment('data_sources', f.name),
			'default', CASE WHEN NOT for_update THEN f.initial END))
			|| CASE WHEN f.is_required THEN s.body ELSE rivergen_catalog.openapi_nullable(s.body) END AS body
		FROM rivergen_catalog.request_fields() f
		CROSS JOIN LATERAL rivergen_catalog.openapi_field(f.name, f.kind, f.minimum, f.maximum) s (body)
		WHERE NOT (for_update AND f.is_fixed)
	), member AS (
		SELECT * FROM field
		UNION ALL
		SELECT f.position + 0.5, e.name, e.schema
		FROM rivergen_catalog.openapi_extra_member e
		JOIN field f ON f.name = e.after
		WHERE e.is_for_update OR NOT for_update
	)
	SELECT json_object_agg(name, body ORDER BY position) FROM member;
END;

-- Requires every member to be present and not null.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_given(VARIADIC names text[]) RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN jsonb_build_object('required', names, 'properties', (
		SELECT jsonb_object_agg(n, '{"not": {"type": "null"}}'::jsonb) FROM unnest(names) n));

-- The types, grouped by the names of their credentials.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_credentials_by_type() RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_agg(jsonb_build_object(
		'if', jsonb_build_object('required', '["type"]'::jsonb,
			'properties', jsonb_build_object('type', jsonb_build_object('enum', k.types))),
		'then', jsonb_build_object('properties', jsonb_build_object('credentials', jsonb_build_object(
			'propertyNames', jsonb_build_object('enum', k.keys))))) ORDER BY k.position)
	FROM (SELECT min(t.position) AS position, jsonb_agg(t.type ORDER BY t.position) AS types,
			to_jsonb(t.credential_keys || (SELECT array_agg(trim(TRAILING '?' FROM m.name) ORDER BY m.position)
				FROM rivergen_catalog.openapi_member m WHERE m.object = 'SealedCredentials')) AS keys
		FROM rivergen.data_source_types() t
		GROUP BY t.credential_keys) k;
END;

-- The fields that a new source must have because of its type or its tunnel, and where its file lies: a bucket of S3 is the
-- tenant's own, the storage is not.
CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_requirements() RETURNS jsonb
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH type AS (
		SELECT t.position, t.type, 'connection_string' = ANY (t.optional_fields) AS takes_string,
			(SELECT array_agg(f.name ORDER BY f.position) FROM unnest(t.required_fields) r (name)
			 JOIN rivergen_catalog.request_fields() f ON f.name = r.name AND NOT f.is_required) AS needs
		FROM rivergen.data_source_types() t
	), kind AS (
		SELECT min(position) AS position, jsonb_agg(type ORDER BY position) AS types, needs, takes_string
		FROM type
		WHERE needs IS NOT NULL
		GROUP BY needs, takes_string
	)
	SELECT jsonb_agg(jsonb_build_object(
		'if', jsonb_build_object('required', '["type"]'::jsonb,
			'properties', jsonb_build_object('type', jsonb_build_object('enum', types))),
		'then', CASE WHEN takes_string THEN jsonb_build_object('anyOf', jsonb_build_array(
			rivergen_catalog.openapi_given(VARIADIC needs), rivergen_catalog.openapi_given('connection_string')))
			ELSE rivergen_catalog.openapi_given(VARIADIC needs) END) ORDER BY position)
		|| jsonb_build_object(
			'if', '{"required": ["use_ssh_tunnel"], "properties": {"use_ssh_tunnel": {"const": true}}}'::jsonb,
			'then', rivergen_catalog.openapi_given('ssh_host', 'ssh_username'))
		|| '{"if": {"required": ["type"], "properties": {"type": {"not": {"const": "s3"}}}},
			"then": {"properties": {"file_path": {"pattern": "^organizations/[0-9]+/"}}}}'::jsonb
	FROM kind;
END;

-- Descriptions of the members of credentials; the type table says which of them a type has.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_credential AS
	SELECT row_number() OVER () AS position, c.*
	FROM (VALUES
	('username', 'Database username'),
	('password', 'Database password'),
	('api_key', 'API key for API-based sources'),
	('oauth_token', 'OAuth token'),
	('ssh_private_key', 'SSH private key for tunnel'),
	('ssh_passphrase', 'SSH key passphrase'),
	('warehouse', 'Snowflake warehouse'),
	('role', 'Snowflake role'),
	('tls_client_certificate', 'TLS client certificate, in PEM form'),
	('tls_client_key', 'Its private key, in PEM form'),
	('tls_client_key_passphrase', 'The passphrase of that key, if it is encrypted'),
	('access_key_id', 'AWS access key'),
	('secret_access_key', 'Its secret'),
	('session_token', 'AWS session token, of temporary keys'),
	('service_account', 'Google service account, as the JSON text of its key file'),
	('private_key', 'Private key of the user, in PEM form'),
	('private_key_passphrase', 'Its passphrase'),
	('client_id', 'OAuth client'),
	('client_secret', 'Its secret')
	) AS c (name, description);

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_credentials() RETURNS json
	LANGUAGE sql STABLE
BEGIN ATOMIC
	WITH key AS (
		SELECT k.name, count(*) AS types, string_agg(t.type, ', ' ORDER BY t.position) AS names
		FROM rivergen.data_source_types() t
		CROSS JOIN LATERAL unnest(t.credential_keys) k (name)
		GROUP BY k.name
	)
	SELECT json_build_object(
		'type', 'object',
		'description', 'Credentials in the clear.',
		'properties', json_object_agg(k.name, jsonb_build_object(
			'type', '["string", "null"]'::jsonb,
			'minLength', 1,
			'maxLength', 65536,
			'description', c.description || CASE WHEN k.types < (SELECT count(*) FROM rivergen.data_source_types())
				THEN format('; for %s', k.names) ELSE '' END) ORDER BY c.position, k.name),
		'additionalProperties', false)
	FROM key k
	LEFT JOIN rivergen_catalog.openapi_credential c USING (name);
END;

CREATE OR REPLACE FUNCTION rivergen_catalog.openapi_requests() RETURNS TABLE (place integer, "position" bigint, name text, body json)
	LANGUAGE sql STABLE
BEGIN ATOMIC
	VALUES
	(1, 1::bigint, 'DataSourceCreate', json_build_object(
		'type', 'object',
		'description', 'A new data source. A null member is as if absent.',
		'properties', rivergen_catalog.openapi_request_members(false),
		'required', (SELECT jsonb_agg(f.name) FROM rivergen_catalog.request_fields() f WHERE f.is_required) || '["credentials"]',
		'additionalProperties', false,
		'allOf', rivergen_catalog.openapi_requirements() || rivergen_catalog.openapi_credentials_by_type())),
	(1, 2, 'DataSourceUpdate', json_build_object(
		'type', 'object',
		'description', 'The fields to change. null clears a field, or resets it to its default.',
		'properties', rivergen_catalog.openapi_request_members(true),
		'additionalProperties', false)),
	(1, 3, 'Credentials', '{"description": "Credentials in the clear, or sealed by the client.",
		"oneOf": [{"$ref": "#/components/schemas/DataSourceCredentials"},
			{"$ref": "#/components/schemas/SealedCredentials"}]}'),
	(1, 4, 'DataSourceCredentials', rivergen_catalog.openapi_credentials()),
	(1, 5, 'DataSourceServer', json_build_object(
		'type', 'object',
		'description', 'A data source of which name and database_name may be absent.',
		'properties', rivergen_catalog.openapi_request_members(false),
		'required', '["type", "credentials"]'::jsonb,
		'additionalProperties', false,
		'allOf', rivergen_catalog.openapi_credentials_by_type()));
END;
