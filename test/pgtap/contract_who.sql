-- What the contract settles about who may do what.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.created(pg_temp.database('{"name": "first", "credentials": {"username": "u", "password": "p"}}')) #>> '{data,id}' AS id \gset
SELECT pg_temp.created(pg_temp.source('{"name": "gone"}')) #>> '{data,id}' AS gone \gset
SELECT pg_temp.gets('editor', 'data_source_delete', :'gone'::jsonb) \g /dev/null
SELECT pg_temp.gets('stranger', 'data_source_create', pg_temp.database('{"name": "foreign"}')) #>> '{data,id}' AS foreign \gset
SELECT max(job_id) FILTER (WHERE organization_id = :acme) AS job, max(job_id) FILTER (WHERE organization_id = :other) AS foreign_job FROM rivergen_catalog.job \gset

-- ---- Roles ----

-- Calls that need no worker; %s is a source.
CREATE TEMP TABLE call (writes boolean, text text);
INSERT INTO call VALUES
	(false, 'data_source_get(%s)'), (false, 'data_source_list()'), (false, 'data_source_health(%s)'), (false, 'data_source_schemas(%s)'), (false, 'job_list()'),
	(true, 'data_source_update(%s, ''{"port": 7}'')'), (true, 'data_source_update_credentials(%s, ''{"username": "u"}'')'),
	(true, 'data_source_set_status(%s, ''maintenance'')'), (true, 'discover_schema(%s, wait => false)'), (true, 'data_source_delete(%s)');
-- Some answer differently the second time: each call is undone.
CREATE FUNCTION pg_temp.tried(subject text, expression text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	answer jsonb;
BEGIN
	BEGIN
		answer := pg_temp.gets(subject, expression);
		RAISE SQLSTATE 'UNDO1';
	EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
		RETURN answer;
	END;
END
$$;
SELECT is(pg_temp.tried(subject, format('rivergen.' || c.text, :id)) -> 'success', 'true', format('membership.role: viewer (reads), editor (creates, changes, tests, discovers), admin: %s, %s', subject, c.text))
	FROM call c, unnest('{viewer,editor,admin}'::text[]) subject WHERE NOT c.writes OR subject <> 'viewer';
SELECT is(pg_temp.said(pg_temp.tried('viewer', format('rivergen.' || c.text, :id))), E'PT403 This needs the role editor\nThe user''s role in organization 1 is viewer.',
	'A viewer''s write is 403: ' || c.text) FROM call c WHERE c.writes;
SELECT is(pg_temp.said(pg_temp.gets('viewer', expression)), E'PT403 This needs the role editor\nThe user''s role in organization 1 is viewer.', 'A viewer''s write is 403: ' || expression)
	FROM unnest(ARRAY[format('rivergen.data_source_create(%L)', pg_temp.source()), format('rivergen.data_source_restore(%s)', :gone), format('rivergen.job_cancel(%s)', :job)]) expression;
SELECT is(pg_get_function_arguments(oid), 'organization_id bigint, user_id bigint, role text DEFAULT ''editor''::text',
	'membership_add(organization_id, user_id, role => ''editor'')') FROM pg_proc WHERE oid::regproc::text = 'rivergen.membership_add';
SELECT throws_ok(format('SELECT rivergen.membership_add(%s, 1, %L)', :acme, role), 'PT400', NULL, 'membership.role: viewer, editor, admin: not ' || role) FROM unnest('{owner,Admin,""}'::text[]) role;
SELECT is(array_agg(c.grantee::text), NULL, 'nothing is granted to PUBLIC')
	FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) c WHERE p.pronamespace = 'rivergen'::regnamespace AND c.grantee = 0;

-- ---- Several memberships ----

CREATE FUNCTION pg_temp.works_in(claims text) RETURNS text LANGUAGE sql AS
	$$SELECT coalesce(a ->> 'sqlstate', a::text) FROM pg_temp.session_gets('contract_gateway', claims, 'rivergen.current_organization_id()') a$$;
SELECT is(pg_temp.works_in(claims), works_in, 'A user with several memberships is in the one chosen by the claim: ' || claims) FROM (VALUES
	('{"sub": "both", "organization_id": 1}', '1'), ('{"sub": "both", "organization_id": 2}', '2'), ('{"sub": "both", "organization_id": "2"}', '2'),
	('{"sub": "both"}', '1'), ('{"sub": "both", "organization_id": null}', '1')) v (claims, works_in);
SELECT is(pg_temp.works_in(format('{"sub": "both", "organization_id": %s}', id)), 'PT403', 'chosen … (403 when not a member of it): ' || id) FROM unnest('{3,0,-1,9223372036854775807}'::bigint[]) id;
SELECT is(pg_temp.works_in('{"sub": "editor", "organization_id": 2}'), 'PT403', 'chosen … (403 when not a member of it): an organization of others');
SET LOCAL rivergen.organization_id = '2';
SELECT is(pg_temp.works_in('{"sub": "both"}'), '2', 'A user with several memberships is in the one chosen by the … setting');
SELECT is(pg_temp.works_in('{"sub": "both", "organization_id": 1}'), '1', 'chosen by the claim or setting: the claim wins');
SELECT is(pg_temp.works_in('{"sub": "editor"}'), 'PT403', 'chosen by the … setting (403 when not a member of it)');
SET LOCAL rivergen.organization_id = '';
SELECT is(pg_temp.works_in('{"sub": "both"}'), '1', 'else in the default one (the first)');
SELECT is(pg_temp.session_gets('contract_gateway', '{"sub": "both", "organization_id": 2}', format('rivergen.data_source_create(%L)', pg_temp.source())) #> '{data,organization_id}', '2',
	'the role is that of the chosen organization: editor there');
SELECT is(pg_temp.session_gets('contract_gateway', '{"sub": "both", "organization_id": 1}', format('rivergen.data_source_create(%L)', pg_temp.source())) ->> 'sqlstate', 'PT403',
	'the role is that of the chosen organization: viewer here');

-- ---- Claims count for gateways only ----

SELECT is(pg_temp.session_gets('contract_direct', '{"sub": "admin"}', 'rivergen.data_source_list()') ->> 'sqlstate', 'PT401',
	'Claims are honoured for no other session_user: anybody can SET that GUC');
SELECT rivergen.membership_add(:acme, rivergen.user_create(role_name => 'contract_direct'), 'viewer') \g /dev/null
SELECT is(pg_temp.session_gets('contract_direct', '{"sub": "admin"}', format('rivergen.data_source_create(%L)', pg_temp.source())) ->> 'sqlstate', 'PT403',
	'Claims are honoured for no other session_user: it is the user of its role');

-- ---- The destination ----

CREATE FUNCTION pg_temp.moves(id bigint, subject text, changes jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer jsonb;
	kept bigint;
BEGIN
	BEGIN
		UPDATE rivergen_catalog.data_source_state s SET status = 'active' WHERE s.data_source_id = id;
		answer := pg_temp.gets(subject, 'data_source_update', to_jsonb(id), changes);
		SELECT count(*) INTO kept FROM rivergen_catalog.credential c WHERE c.data_source_id = id;
		RAISE SQLSTATE 'UNDO1';
	EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
		RETURN concat_ws(', ', answer ->> 'sqlstate', answer #>> '{data,status}', answer #>> '{data,failure_reason}', kept || ' kept');
	END;
END
$$;
CREATE TEMP TABLE move (changes jsonb);
INSERT INTO move VALUES ('{"host": "elsewhere"}'), ('{"port": 7}'), ('{"metadata": {"tls": {"mode": "disable"}}}'), ('{"use_ssh_tunnel": true, "ssh_host": "b", "ssh_username": "u"}'),
	('{"ssh_host": "b"}'), ('{"ssh_port": 7}'), ('{"ssh_username": "x"}'), ('{"connection_string": "postgresql://elsewhere:5432/production"}');
SELECT is(pg_temp.moves(:id, 'colleague', changes), 'inactive, The destination was changed by a user who had not given the credentials: they must be given again, 0 kept',
	'otherwise the change is made, status becomes inactive and failure_reason says that credentials must be given again: ' || changes::text) FROM move;
SELECT is(pg_temp.moves(:id, subject, changes), 'active, 1 kept',
	format('Changing host, port, TLS or tunnel keeps the credentials in use only when the caller is an admin or gave these credentials himself: %s, %s', subject, changes))
	FROM move, unnest('{admin,editor}'::text[]) subject;
SELECT is(pg_temp.moves(:id, 'colleague', changes), 'active, 1 kept', 'Changing host, port, TLS or tunnel …: not these: ' || changes::text)
	FROM unnest('{"{\"name\": \"n\"}","{\"host\": \"db.example.com\", \"port\": 5432}","{\"metadata\": {\"k\": 1}}","{\"query_timeout\": 7}","{\"tags\": [\"t\"]}","{}"}'::jsonb[]) changes;
-- What else the type's row calls a destination.
CREATE TEMP TABLE elsewhere (type text, changes jsonb, is_destination boolean);
INSERT INTO elsewhere VALUES ('s3', '{"file_path": "organizations/1/y"}', true), ('s3', '{"metadata": {"bucket": "b"}}', true), ('s3', '{"metadata": {"region": "r"}}', true),
	('s3', '{"metadata": {"endpoint": "e"}}', true), ('s3', '{"database_name": "b"}', true), ('s3', '{"metadata": {"k": 1}}', false),
	('http_api', '{"metadata": {"token_url": "https://t"}}', true), ('http_api', '{"metadata": {"k": 1}}', false), ('http_api', '{"database_name": "x"}', false),
	('dynamodb', '{"database_name": "eu-west-2"}', true), ('dynamodb', '{"metadata": {"endpoint": "e"}}', true), ('snowflake', '{"metadata": {"account": "a"}}', true),
	('snowflake', '{"database_name": "x"}', false), ('oracle', '{"metadata": {"driver": "d"}}', true), ('elasticsearch', '{"metadata": {"path_prefix": "/p"}}', true), ('mongodb', '{"metadata": {"srv": true}}', true),
	('mongodb', '{"metadata": {"read_preference": "primary"}}', false),
	('other', '{"metadata": {"whatever": 1}}', true), ('other', '{"file_path": "organizations/1/y"}', true), ('other', '{"metadata": {"scan": {"examples": false}}}', false),
	('csv', '{"file_path": "organizations/1/y"}', false), ('postgresql', '{"metadata": {"ssh": {"host_key": "SHA256:7dx7W1/C3xHL3XIPixVU5lAURuc7/6MYaJdg+kaStlQ"}}}', true), ('postgresql', '{"database_name": "x"}', false);
CREATE TEMP TABLE elsewhere_source AS SELECT type, pg_temp.gets('editor', 'data_source_create', pg_temp.source(jsonb_build_object('name', 'elsewhere ' || type, 'type', type,
	'host', 'h', 'port', 1, 'database_name', 'd', 'file_path', 'organizations/1/x', 'credentials', '{"password": "p"}'::jsonb))) #>> '{data,id}' AS id FROM (SELECT DISTINCT type FROM elsewhere) t;
SELECT is(pg_temp.moves(id::bigint, 'colleague', changes), CASE WHEN is_destination
	THEN 'inactive, The destination was changed by a user who had not given the credentials: they must be given again, 0 kept' ELSE 'active, 1 kept' END,
	format('or any other member that the type''s row calls a destination: %s, %s', type, changes)) FROM elsewhere JOIN elsewhere_source USING (type);

-- ---- The order of errors ----

-- Each call has every later fault too.
SELECT is(answer ->> 'sqlstate', expected, 'Order of errors: 401, 403, 404, 400, 409: ' || what) FROM (VALUES
	('401 before all', 'PT401', pg_temp.session_gets('contract_gateway', '{}', 'rivergen.data_source_update(99999, ''{"nonsense": 1}'')')),
	('403 (no member) before 404', 'PT403', pg_temp.gets('outsider', 'rivergen.data_source_update(99999, ''{"nonsense": 1}'')')),
	('403 (role) before 404', 'PT403', pg_temp.gets('viewer', 'rivergen.data_source_update(99999, ''{"nonsense": 1}'')')),
	('404 before 400', 'PT404', pg_temp.gets('editor', 'rivergen.data_source_update(99999, ''{"nonsense": 1}'')')),
	('404 before 400: credentials', 'PT404', pg_temp.gets('editor', 'rivergen.data_source_update_credentials(99999, ''{"nonsense": 1}'')')),
	('404 before 400: health', 'PT404', pg_temp.gets('editor', 'rivergen.data_source_health(99999, -1)')),
	('404 before 400: set_status', 'PT404', pg_temp.gets('editor', 'rivergen.data_source_set_status(99999, ''nonsense'')')),
	('400 before 409: update', 'PT400', pg_temp.gets('editor', 'data_source_update', :'id'::jsonb, '{"name": "first", "port": 0}')),
	('400 before 409: create', 'PT400', pg_temp.created(pg_temp.source('{"name": "first", "port": 0}'))),
	('409 last', 'PT409', pg_temp.created(pg_temp.source('{"name": "first"}'))),
	('401 before 400: list', 'PT401', pg_temp.session_gets('contract_gateway', '{}', 'rivergen.data_source_list(page => 0)')),
	('403 before 400: list', 'PT403', pg_temp.gets('outsider', 'rivergen.data_source_list(page => 0)')),
	('401 before 400: create', 'PT401', pg_temp.session_gets('contract_gateway', '{}', 'rivergen.data_source_create(''[]'')')),
	('403 before 400: create', 'PT403', pg_temp.gets('viewer', 'rivergen.data_source_create(''[]'')'))) v (what, expected, answer);
SELECT is(pg_temp.said(pg_temp.gets('editor', 'data_source_restore', :'id'::jsonb)) ~ '^PT409 ', true, '409 also on update and restore: restore of what is not deleted');
SELECT is(pg_temp.said(pg_temp.tried('editor', format('rivergen.' || c.text, :foreign))), replace(pg_temp.said(pg_temp.tried('editor', format('rivergen.' || c.text, 99999))), '99999', :'foreign'),
	'Another organization''s row answers exactly as a missing one: ' || c.text) FROM call c WHERE c.text LIKE '%\%s%'
	UNION ALL SELECT is(pg_temp.said(pg_temp.tried('editor', format('rivergen.' || c.text, :gone))), replace(pg_temp.said(pg_temp.tried('editor', format('rivergen.' || c.text, 99999))), '99999', :'gone'),
	'A deleted source answers as a missing one: ' || c.text) FROM call c WHERE c.text LIKE '%\%s%';
SELECT is(pg_temp.said(pg_temp.gets('editor', format('rivergen.%s(%s)', name, :foreign_job))), replace(pg_temp.said(pg_temp.gets('editor', format('rivergen.%s(99999)', name))), '99999', :'foreign_job'),
	'Another organization''s row answers exactly as a missing one: ' || name) FROM unnest('{job_get,job_cancel}'::text[]) name;
SELECT is(pg_temp.said(pg_temp.gets('editor', format('rivergen.%s(%s)', name, :foreign))), replace(pg_temp.said(pg_temp.gets('editor', format('rivergen.%s(99999)', name))), '99999', :'foreign'),
	'Another organization''s row answers exactly as a missing one: ' || name) FROM unnest('{data_source_restore,data_source_test,data_source_delete}'::text[]) name;
SELECT is(pg_temp.said(pg_temp.gets('editor', format('rivergen.data_source_delete(%s, true)', :foreign))), format('PT404 data source %s not found', :foreign),
	'Another organization''s row answers exactly as a missing one: data_source_delete with force');
SELECT is(pg_temp.gets('viewer', format('(SELECT count(*) FROM rivergen.%I WHERE %s = %s)', view, key, :foreign)), '0', 'Another organization''s row …: view ' || view)
	FROM (VALUES ('data_sources', 'id'), ('jobs', 'data_source_id'), ('schemas', 'data_source_id'), ('tables', 'data_source_id'), ('columns', 'data_source_id')) v (view, key);

-- ---- Set-up functions ----
-- What key_create and quick_start do needs a worker, and so a committed extension.

SELECT is(proname || '(' || pg_get_function_arguments(p.oid) || ') → ' || format_type(prorettype, NULL), signature, 'Set-up functions: ' || signature) FROM (VALUES
	('organization_create(name text) → bigint'), ('workspace_create(organization_id bigint, name text) → bigint'),
	('user_create(subject text DEFAULT NULL::text, role_name text DEFAULT NULL::text) → bigint'), ('grant_access(role regrole) → void'),
	('key_create() → bigint'), ('quick_start(organization_name text) → jsonb')) v (signature)
	LEFT JOIN pg_proc p ON pronamespace = 'rivergen'::regnamespace AND proname = split_part(signature, '(', 1);

SELECT * FROM finish();
ROLLBACK;
