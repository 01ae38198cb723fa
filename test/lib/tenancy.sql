-- Tenants that call at random what they are granted, with ids and names of their own, of others and of no tenant, and a
-- record of whatever they should not have seen. Loaded by a superuser; probe.run is called by the gateway's role.
CREATE SCHEMA probe;
CREATE TABLE probe.tenant (k integer PRIMARY KEY, organization_id bigint NOT NULL);
CREATE TABLE probe.thing (k integer, kind text, id bigint);
CREATE TABLE probe.fault (what text, call text, answer text, other_answer text);
CREATE TABLE probe.tally (name text, outcome text, calls bigint);

-- Ten digits, of which the first two tell what an id is of: so an id can be found in any answer.
SELECT setval(format('rivergen_catalog.%s_id_seq', s)::regclass, (90 + n) * 100000000::bigint)
	FROM unnest('{organization,workspace,user,data_source,job,relation,credential,audit}'::text[]) WITH ORDINALITY u (s, n);

CREATE FUNCTION probe.add_tenant(k integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	mark text := format('tenant%smark', k);
	o bigint := rivergen.organization_create(mark);
	u bigint;
	w bigint := rivergen.workspace_create(o, mark || ' workspace');
	d bigint;
	j bigint;
BEGIN
	INSERT INTO probe.tenant VALUES (k, o);
	INSERT INTO probe.thing VALUES (k, 'organization', o), (k, 'workspace', w),
		(k, 'workspace', rivergen.workspace_create(o, 'shared workspace'));
	FOR r IN 1..3 LOOP
		u := rivergen.user_create(mark || ' ' || (ARRAY['viewer', 'editor', 'admin'])[r]);
		PERFORM rivergen.membership_add(o, u, (ARRAY['viewer', 'editor', 'admin'])[r]);
		INSERT INTO probe.thing VALUES (k, 'user', u);
	END LOOP;
	FOR n IN 1..6 LOOP
		INSERT INTO rivergen_catalog.data_source (organization_id, workspace_id, name, type, description, host, use_ssh_tunnel,
			connection_pool_size, connection_timeout, query_timeout, max_retries, schema_auto_refresh, schema_refresh_interval,
			metadata, tags, created_by_user_id, deleted_at)
		VALUES (o, CASE WHEN n < 4 THEN w END, CASE n WHEN 1 THEN 'shared name' ELSE mark || ' source ' || n END, 'postgresql',
			mark || ' description', mark || '.example.com', false, 5, 30, 300, 3, true, 3600,
			jsonb_build_object('note', mark), ARRAY[mark], u, CASE n WHEN 6 THEN now() END)
		RETURNING data_source_id INTO d;
		INSERT INTO rivergen_catalog.data_source_state (organization_id, data_source_id, full_discovered_at, full_discovery_ms, failure_reason,
			ssh_host_key)
			VALUES (o, d, now(), 1, mark, mark || ' ssh-ed25519 AAAA SHA256:' || mark);
		INSERT INTO rivergen_catalog.source_schema (organization_id, data_source_id, schema_name) VALUES (o, d, mark), (o, d, 'shared');
		INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, relation_name, kind, columns_count, hash, tags, document)
			SELECT o, d, s, mark || ' relation ' || i, 'table', 1, '', ARRAY[mark], format('{"columns": [{"name": "%s", "type": "text"}],
				"comment": "%s", "primary_key": {"name": "%s", "columns": ["%s"]}, "indexes": [{"name": "%s", "columns": ["a"]}]}', mark, mark, mark, mark, mark)::jsonb
			FROM unnest(ARRAY[mark, 'shared']) s, generate_series(1, 3) i;
		PERFORM rivergen_catalog.count_schemas(o, d);
		INSERT INTO rivergen_catalog.schema_history (organization_id, data_source_id) VALUES (o, d);
		INSERT INTO rivergen_catalog.relation_version (organization_id, data_source_id, relation_id, valid_from, valid_to, schema_name, relation_name, kind, document)
			VALUES (o, d, 0, now(), 'infinity', mark, mark || ' relation 0', 'table', format('{"comment": "%s"}', mark)::jsonb);
		INSERT INTO rivergen_catalog.schema_change (organization_id, data_source_id, job_id, relation_id, schema_name, relation_name, object_type, object_name, change, breaking, before)
			VALUES (o, d, 0, 0, mark, mark || ' relation 0', 'column', mark, 'removed', true, format('{"comment": "%s"}', mark)::jsonb);
		INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, status, requested_by_user_id, finished_at, error_message)
			VALUES (o, d, 'discover', 'failed', u, now(), mark) RETURNING job_id INTO j;
		INSERT INTO probe.thing VALUES (k, 'source', d), (k, 'job', j);
		INSERT INTO probe.thing SELECT k, 'relation', relation_id FROM rivergen_catalog.relation r
			WHERE r.organization_id = o AND r.data_source_id = d;
		INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind, schema_name, run_after) VALUES (o, d, 'discover', mark, 'infinity')
			RETURNING job_id INTO j;
		INSERT INTO probe.thing VALUES (k, 'job', j);
	END LOOP;
	INSERT INTO rivergen_catalog.invitation VALUES (o, mark || ' invited', 'viewer', u, now());
END;
$$;

-- Is there such a thing, and is it another organization's?
CREATE FUNCTION probe.is_foreign(o bigint, id bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER AS $$
	SELECT CASE id / 100000000
		WHEN 91 THEN id <> o AND EXISTS (SELECT FROM rivergen_catalog.organization WHERE organization_id = id)
		WHEN 92 THEN EXISTS (SELECT FROM rivergen_catalog.workspace WHERE workspace_id = id AND organization_id <> o)
		WHEN 93 THEN EXISTS (SELECT FROM rivergen_catalog.app_user WHERE user_id = id)
			AND NOT EXISTS (SELECT FROM rivergen_catalog.membership WHERE user_id = id AND organization_id = o)
		WHEN 94 THEN EXISTS (SELECT FROM rivergen_catalog.data_source WHERE data_source_id = id AND organization_id <> o)
		WHEN 95 THEN EXISTS (SELECT FROM rivergen_catalog.job WHERE job_id = id AND organization_id <> o)
		WHEN 96 THEN EXISTS (SELECT FROM rivergen_catalog.relation WHERE relation_id = id AND organization_id <> o)
		WHEN 97 THEN EXISTS (SELECT FROM rivergen_catalog.credential WHERE credential_id = id AND organization_id <> o)
		WHEN 98 THEN EXISTS (SELECT FROM rivergen_catalog.audit WHERE audit_id = id AND organization_id <> o)
		ELSE false END
$$;

-- What can be called: every function and view that the caller is granted, whatever was added to them since.
CREATE VIEW probe.callable AS
	SELECT p.proname::text AS name, p.proargnames[1:p.pronargs] AS names,
		ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY a (t, n) ORDER BY n) AS types, false AS is_view
	FROM pg_proc p WHERE pronamespace = 'rivergen'::regnamespace AND has_function_privilege(oid, 'EXECUTE')
	UNION ALL
	SELECT c.relname, ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = c.oid AND attname IN ('id', 'data_source_id', 'job_id')
		ORDER BY attname DESC LIMIT 1), '{bigint}', true
	FROM pg_class c WHERE relnamespace = 'rivergen'::regnamespace AND relkind = 'v' AND has_table_privilege(oid, 'SELECT');

CREATE FUNCTION probe.one_of(VARIADIC text[]) RETURNS text LANGUAGE sql VOLATILE AS
	$$ SELECT $1[1 + floor(random() * array_length($1, 1))::integer] $$;

-- An argument: a literal, with @source and the like in place of an id or a name of a tenant.
CREATE FUNCTION probe.argument(name text, type text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	IF type = 'boolean' THEN
		RETURN probe.one_of('true', 'false', 'NULL');
	ELSIF type = 'jsonb' AND name = 'document' THEN
		RETURN quote_literal(probe.one_of('{}', '{"sources": []}', '{"sources": [{"name": "@mark", "type": "http_api"}]}',
			'{"sources": [{"name": "@mark", "workspace": "shared workspace"}]}',
			'{"descriptions": [{"data_source": "@mark source 2", "table_schema": "shared", "table_name": "@mark relation 1", "description": "x"}]}',
			'{"descriptions": [{"data_source": "shared name", "table_schema": "shared", "table_name": "@mark relation 2", "tags": ["x"], "version": "x"}]}')) || '::jsonb';
	ELSIF type = 'jsonb' THEN
		RETURN quote_literal(probe.one_of('{}', '[]', '{"name": "@mark source 2"}', '{"name": "shared name"}', '{"description": "x"}',
			'{"name": "@mark new", "type": "http_api", "credentials": {}, "workspace_id": @workspace}',
			'{"name": "@mark source 2", "type": "http_api", "credentials": {}}',
			'{"name": "shared name", "type": "http_api", "credentials": {}, "schema_auto_refresh": false}',
			'{"name": "@mark", "type": "csv", "credentials": {}, "file_path": "organizations/@organization/a.csv"}',
			'{"organization_id": @organization}', '{"id": @source}', '{"tags": ["@mark"]}', '{"nonsense": 1}')) || '::jsonb';
	ELSIF type IN ('bigint', 'integer') THEN
		RETURN CASE
			WHEN name IN ('id', 'data_source_id', 'db_connection_id') THEN '@source'
			WHEN name IN ('job_id', 'workspace_id', 'user_id', 'organization_id', 'relation_id') THEN '@' || left(name, -3)
			WHEN name LIKE '%size' OR name LIKE '%limit' THEN probe.one_of('20', '5', '1', '0')
			ELSE probe.one_of('1', '2', '0', '-1', 'NULL') END;
	ELSIF type = 'timestamp with time zone' THEN
		RETURN probe.one_of('now()', 'now()', quote_literal('-infinity'), 'NULL');
	END IF;
	RETURN CASE
		WHEN type = 'bigint[]' THEN 'ARRAY[@relation]'
		WHEN type = 'text[]' THEN probe.one_of('''{@mark}''', '''{}''', 'NULL')
		WHEN name = 'role' THEN probe.one_of('''viewer''', '''admin''', '''editor''', '''king''')
		WHEN name = 'type' THEN probe.one_of('''postgresql''', 'NULL', 'NULL', '''nonsense''')
		WHEN name LIKE '%status%' THEN probe.one_of('''failed''', '''inactive''', 'NULL', 'NULL', '''nonsense''')
		WHEN name = 'if_updated_at' THEN probe.one_of('NULL', 'NULL', '''2024-12-01T10:00:00Z''', '''nonsense''')
		WHEN name = 'sort_by' THEN probe.one_of('''name''', '''created_at''', '''failure_reason''', '''nonsense''')
		WHEN name = 'sort_order' THEN probe.one_of('''asc''', '''desc''')
		WHEN name = 'subject' THEN probe.one_of('''@mark viewer''', '''@mark admin''', '''@mark invited''')
		ELSE probe.one_of('''@mark''', '''@mark workspace''', '''@mark source 2''', '''@mark relation 1''', '''shared''', '''shared workspace''', 'NULL')
	END;
END;
$$;

CREATE FUNCTION probe.statement(f probe.callable) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	given text[] := '{}';
BEGIN
	IF f.is_view THEN
		RETURN format('SELECT jsonb_agg(to_jsonb(v)) FROM (SELECT * FROM rivergen.%I v %s ORDER BY v::text LIMIT 20) v', f.name,
			CASE WHEN random() < 0.7 AND f.names[1] IS NOT NULL THEN format('WHERE %I = @%s', f.names[1], CASE f.names[1] WHEN 'job_id' THEN 'job' ELSE 'source' END) END);
	END IF;
	FOR i IN 1..coalesce(array_length(f.types, 1), 0) LOOP
		given := given || CASE
			WHEN f.names[i] = 'wait' THEN 'false'
			WHEN f.names[i] IN ('page', 'page_size') AND random() < 0.8 THEN CASE f.names[i] WHEN 'page' THEN '1' ELSE '20' END
			WHEN f.name = 'table_description_scan' AND random() < 0.5 THEN 'NULL'
			WHEN f.names[i] = 'id' AND f.name LIKE 'table_description_%' THEN probe.argument('relation_id', f.types[i])
			ELSE probe.argument(f.names[i], f.types[i]) END;
	END LOOP;
	RETURN format('SELECT to_jsonb(f) FROM rivergen.%I(%s) f%s', f.name, array_to_string(given, ', '),
		CASE f.name WHEN 'query_rows' THEN ' (a text)' END);
END;
$$;

CREATE FUNCTION probe.filled(statement text, k integer, missing boolean) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
DECLARE
	wanted text;
BEGIN
	FOREACH wanted IN ARRAY '{source,job,relation,workspace,user,organization}'::text[] LOOP
		CONTINUE WHEN strpos(statement, '@' || wanted) = 0;
		statement := replace(statement, '@' || wanted, CASE WHEN missing
			THEN (CASE wanted WHEN 'source' THEN 94 WHEN 'job' THEN 95 WHEN 'relation' THEN 96 WHEN 'workspace' THEN 92 WHEN 'user' THEN 93 ELSE 91 END
				* 100000000::bigint + 99999990 + floor(random() * 9)::integer)::text
			ELSE (SELECT t.id::text FROM probe.thing t WHERE t.k = filled.k AND t.kind = wanted ORDER BY random() LIMIT 1) END);
	END LOOP;
	RETURN replace(statement, '@mark', format('tenant%smark', CASE WHEN missing THEN 9 ELSE k END));
END;
$$;

CREATE FUNCTION probe.note(what text, call text, answer text, other text) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER AS
	$$ INSERT INTO probe.fault VALUES (what, call, left(answer, 2000), left(other, 2000)) $$;
CREATE FUNCTION probe.count_calls(tally jsonb) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER AS
	$$ INSERT INTO probe.tally SELECT split_part(key, ' ', 1), split_part(key, ' ', 2), value::bigint FROM jsonb_each_text(tally) $$;

-- The answer as one text. Unless it is to be kept, what the call did is undone.
CREATE FUNCTION probe.answer(statement text, keep boolean) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	body text;
	message text; detail text; hint text; code text;
BEGIN
	BEGIN
		EXECUTE statement INTO body;
		IF NOT keep THEN
			RAISE EXCEPTION USING ERRCODE = 'ZZ000';
		END IF;
	EXCEPTION WHEN SQLSTATE 'ZZ000' THEN NULL;
		WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
			RETURN format('%s|%s|%s|%s', code, message, detail, hint);
	END;
	RETURN 'OK|' || coalesce(body, 'null');
END;
$$;

CREATE FUNCTION probe.normal(answer text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT regexp_replace(regexp_replace(regexp_replace($1, '9[1-8]\d{8}', '#', 'g'), 'tenant\dmark', 'M', 'g'),
		'\d{4}-\d\d-\d\d[T ][\d:.]+(Z|\+00:00)', 'T', 'g')
$$;

-- Ids and marks of others in an answer that were not in the question.
CREATE FUNCTION probe.inspect(k integer, o bigint, statement text, answer text) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	token text;
BEGIN
	IF answer !~ '^(OK|PT4|PT501)' THEN
		PERFORM probe.note('unexpected error', statement, answer, NULL);
	END IF;
	FOR token IN SELECT DISTINCT t[1] FROM regexp_matches(answer, '9[1-8]\d{8}|tenant\dmark', 'g') t LOOP
		CONTINUE WHEN strpos(statement, token) > 0 OR token = format('tenant%smark', k);
		IF token LIKE 'tenant%' OR probe.is_foreign(o, token::bigint) THEN
			PERFORM probe.note('foreign ' || token, statement, answer, NULL);
		END IF;
	END LOOP;
END;
$$;

CREATE FUNCTION probe.claims(k integer, role text, organization_id bigint) RETURNS void LANGUAGE sql VOLATILE AS $$
	SELECT set_config('request.jwt.claims', jsonb_strip_nulls(jsonb_build_object(
		'sub', format('tenant%smark %s', k, role), 'organization_id', organization_id))::text, false)
$$;

-- n calls as these tenants, of whatever can be called or of one function or view only.
CREATE FUNCTION probe.run(n integer, as_tenants integer[], organizations bigint[], called text DEFAULT NULL) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	callables probe.callable[] := ARRAY(SELECT c FROM probe.callable c WHERE c.name = coalesce(called, c.name) AND c.name NOT IN ('data_source_test', 'data_source_databases', 'data_source_from_foreign_server',
		'data_source_list_foreign_servers', 'table_description_refresh')
		ORDER BY c.name, c.types::text);
	f probe.callable;
	k integer; o bigint; role text; open_statement text; own text; theirs text; nobodys text; a text; b text;
	tally jsonb := '{}'; done integer := 0;
BEGIN
	WHILE done < n LOOP
		f := callables[1 + floor(random() * array_length(callables, 1))::integer];
		k := as_tenants[1 + floor(random() * array_length(as_tenants, 1))::integer];
		o := organizations[k];
		role := probe.one_of('admin', 'admin', 'editor', 'viewer');
		open_statement := probe.statement(f);
		IF random() < 0.4 THEN
			PERFORM probe.claims(k, role, NULL);
			own := probe.filled(open_statement, k, false);
			a := probe.answer(own, f.name ~ '^(data_source_create|data_source_update|job_cancel)$' AND random() < 0.05);
			PERFORM probe.inspect(k, o, own, a);
			done := done + 1;
		ELSE
			theirs := probe.filled(open_statement, 1 + (k + floor(random() * (array_length(organizations, 1) - 1))::integer) % array_length(organizations, 1), false);
			nobodys := probe.filled(open_statement, k, true);
			-- Sometimes it is the organization itself that is chosen.
			PERFORM probe.claims(k, role, CASE WHEN random() < 0.05 THEN organizations[1 + k % array_length(organizations, 1)] END);
			a := probe.answer(theirs, false);
			IF current_setting('request.jwt.claims') LIKE '%organization_id%' THEN
				PERFORM probe.claims(k, role, 9199999999);
			END IF;
			b := probe.answer(nobodys, false);
			IF probe.normal(a) <> probe.normal(b) THEN
				PERFORM probe.note('not the same', theirs, a, b);
			END IF;
			PERFORM probe.inspect(k, o, theirs || current_setting('request.jwt.claims') || organizations[1 + k % array_length(organizations, 1)], a);
			done := done + 2;
		END IF;
		tally := tally || jsonb_build_object(f.name || ' ' || left(a, 5), 1 + coalesce((tally ->> (f.name || ' ' || left(a, 5)))::integer, 0));
	END LOOP;
	PERFORM probe.count_calls(tally);
END;
$$;

GRANT USAGE ON SCHEMA probe TO gateway;
