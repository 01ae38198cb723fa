-- Random calls of every function of schema rivergen, of which new ones are found by themselves. Everything random
-- comes from random(), so that a seed repeats what a session does.
CREATE SCHEMA random_calls;

CREATE TABLE random_calls.outcome (function_name text, sqlstate text, calls bigint);
CREATE TABLE random_calls.surprise (seed double precision, call text, who text, sqlstate text, message text, context text);

CREATE FUNCTION random_calls.pick(choices text[]) RETURNS text LANGUAGE sql AS
	$$SELECT choices[1 + floor(random() * cardinality(choices))::integer]$$;

CREATE FUNCTION random_calls.chance(share double precision) RETURNS boolean LANGUAGE sql AS $$SELECT random() < share$$;

-- Names of fields and values of arguments, so that random requests come close to good ones.
CREATE FUNCTION random_calls.field() RETURNS text LANGUAGE sql AS $$
	SELECT random_calls.pick('{workspace_id,name,type,description,host,port,database_name,schema_name,connection_string,file_path,
	storage_file_id,use_ssh_tunnel,ssh_host,ssh_port,ssh_username,ssh_local_port,connection_pool_size,connection_timeout,query_timeout,
	max_retries,schema_auto_refresh,schema_refresh_interval,credentials,metadata,tags,id,status,organization_id,updated_at,hots,tls,mode,ca,
	data_sources,sub,""}')
$$;

CREATE FUNCTION random_calls.text() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN CASE floor(random() * 8)::integer
		WHEN 0 THEN random_calls.field()
		WHEN 1 THEN random_calls.pick('{postgresql,mysql,csv,s3,http_api,other,snowflake,redis,postgres,active,inactive,testing,failed,maintenance,queued,
			running,succeeded,cancelled,asc,desc,viewer,editor,admin,owner,public,main,default,true,0,1,-1,9223372036854775808}')
		WHEN 2 THEN random_calls.pick(ARRAY['', ' ', '%', '_', '\', '''', '"', '$1', '{}', '{"a":', E'\t\n', 'Ünï', '🦆', U&'\00a0', U&'\feff', repeat('x', 256), repeat('ü', 1001),
			'%s%n%d', '; DROP TABLE x', '../../etc/passwd', '-----BEGIN PRIVATE KEY-----', '-----BEGIN CERTIFICATE-----', 'NaN', 'infinity', '2024-12-01T08:00:00Z'])
		WHEN 3 THEN 'organizations/' || floor(random() * 3) || '/' || random_calls.pick('{x,a/b,..,"",./x,/}')
		WHEN 4 THEN random_calls.pick('{localhost,127.0.0.1,::1,[::1],db.example.com,a.b,"a,b",/tmp,@x,-o,h:1,http://h}')
		ELSE (SELECT coalesce(string_agg(chr(1 + floor(random() * CASE WHEN random_calls.chance(0.8) THEN 126 ELSE 55000 END)::integer), ''), '')
			FROM generate_series(1, floor(random() * 12)::integer))
	END;
END
$$;

CREATE FUNCTION random_calls.value(depth integer DEFAULT 3) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	RETURN CASE floor(random() * CASE WHEN depth > 0 THEN 10 ELSE 7 END)::integer
		WHEN 0 THEN 'null'::jsonb
		WHEN 1 THEN to_jsonb(random_calls.chance(0.5))
		WHEN 2 THEN to_jsonb(floor(random() * 100))
		WHEN 3 THEN random_calls.pick('{0,-1,1.5,22,65535,65536,2147483647,2147483648,9223372036854775807,-9223372036854775808,9223372036854775808,1e30,1e400,-1e-30}')::jsonb
		WHEN 7 THEN (SELECT coalesce(jsonb_agg(random_calls.value(depth - 1)), '[]') FROM generate_series(1, floor(random() * 4)::integer))
		WHEN 8 THEN (SELECT coalesce(jsonb_object_agg(random_calls.field(), random_calls.value(depth - 1)), '{}') FROM generate_series(1, floor(random() * 4)::integer))
		WHEN 9 THEN (SELECT coalesce(jsonb_object_agg(random_calls.text(), random_calls.value(depth - 1)), '{}') FROM generate_series(1, floor(random() * 4)::integer))
		ELSE to_jsonb(random_calls.text())
	END;
END
$$;

-- Every secret has the word canary in it, and nothing else does.
CREATE FUNCTION random_calls.credentials() RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	IF random_calls.chance(0.05) THEN
		RETURN random_calls.pick('{null,12,"\"canary\"","[\"canary\"]","{\"password\": {\"a\": \"canary\"}}"}')::jsonb;
	END IF;
	RETURN (SELECT coalesce(jsonb_object_agg(random_calls.pick('{username,password,password,api_key,oauth_token,ssh_private_key,ssh_passphrase,warehouse,role,
			tls_client_certificate,tls_client_key,tls_client_key_passphrase,access_key_id,secret_access_key,service_account,private_key,user,passwort,sealed,key_id,""}'),
		CASE floor(random() * 12)::integer WHEN 0 THEN '["canary"]' WHEN 1 THEN '{"password": "canary"}' WHEN 2 THEN 'null' WHEN 3 THEN '12'
			WHEN 4 THEN to_jsonb('canary' || random_calls.text()) ELSE '"canary"' END::jsonb), '{}')
		FROM generate_series(1, floor(random() * 4)::integer));
END
$$;

CREATE FUNCTION random_calls.connection_string() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	IF random_calls.chance(0.3) THEN
		RETURN 'host=' || random_calls.pick('{h,/tmp,''h}') || ' port=' || random_calls.pick('{1,x,99999}')
			|| random_calls.pick('{" password=canary"," password=''canary"," user=u password=canary\\"}');
	END IF;
	RETURN random_calls.pick('{postgresql,postgres,mysql,redis,https,jdbc:postgresql,""}') || random_calls.pick('{://,:,""}')
		|| random_calls.pick('{u:canary@,:canary@,u:can%zary@canary@,""}') || random_calls.pick('{h,[::1],"a,b",%2Ftmp,127.0.0.1,""}')
		|| random_calls.pick('{:5432,:99999,:x,""}') || random_calls.pick('{/d,/,/%00,/%zz,""}')
		|| random_calls.pick('{?sslmode=require,?password=canary,?service=x,"?options=-c canary",&,?connect_timeout=1e9,""}');
END
$$;

-- A member of a request: what the field wants, but for a share of noise.
CREATE FUNCTION random_calls.member(name text, noise double precision) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	IF name = 'credentials' THEN
		RETURN CASE WHEN random_calls.chance(noise) THEN random_calls.credentials() ELSE '{"username": "u", "password": "canary"}' END;
	ELSIF name = 'connection_string' THEN
		RETURN to_jsonb(random_calls.connection_string());
	ELSIF random_calls.chance(noise) THEN
		RETURN random_calls.value();
	END IF;
	RETURN CASE
		WHEN name ~ '^(port|ssh_port|ssh_local_port|schema_refresh_interval)$' THEN to_jsonb(60 + floor(random() * 5000))
		WHEN name ~ 'size|timeout|retries' THEN to_jsonb(1 + floor(random() * 99))
		WHEN name ~ '^(use_|schema_auto)' THEN to_jsonb(random_calls.chance(0.5))
		WHEN name ~ 'host$' THEN to_jsonb(random_calls.pick('{db.example.com,192.0.2.1,2001:db8::1}'))
		WHEN name = 'name' THEN to_jsonb('source ' || floor(random() * 300))
		WHEN name = 'type' THEN to_jsonb(random_calls.pick('{postgresql,mysql,csv,http_api,http_api,other,snowflake}'))
		WHEN name = 'workspace_id' THEN to_jsonb(1 + floor(random() * 3))
		WHEN name = 'file_path' THEN to_jsonb(random_calls.pick('{organizations/1/x,organizations/1/y,organizations/1/z,organizations/2/x}'))
		WHEN name = 'metadata' THEN jsonb_build_object(random_calls.text(), random_calls.value(), 'tls', random_calls.pick('{null,"{\"mode\": \"require\"}","{\"mode\": 1}"}')::jsonb)
		WHEN name = 'tags' THEN (SELECT coalesce(jsonb_agg(random_calls.text()), '[]') FROM generate_series(1, floor(random() * 3)::integer))
		ELSE to_jsonb(random_calls.text())
	END;
END
$$;

CREATE FUNCTION random_calls.request(whole boolean) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	request jsonb := '{}';
	name text;
BEGIN
	IF whole THEN
		FOREACH name IN ARRAY '{name,type,host,port,database_name,file_path,credentials}'::text[] LOOP
			request := request || jsonb_build_object(name, random_calls.member(name, 0.03));
		END LOOP;
	END IF;
	FOR i IN 1 .. CASE WHEN whole AND random_calls.chance(0.5) THEN 0 ELSE floor(random() * 4) END LOOP
		name := random_calls.field();
		request := request || jsonb_build_object(name, random_calls.member(name, 0.3));
	END LOOP;
	RETURN request;
END
$$;

-- Descriptions, as table_description_apply takes them.
CREATE FUNCTION random_calls.descriptions() RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	RETURN jsonb_build_object('descriptions', (SELECT coalesce(jsonb_agg(CASE WHEN random_calls.chance(0.05) THEN random_calls.value()
		ELSE jsonb_strip_nulls(jsonb_build_object('data_source', 'source ' || floor(random() * 300), 'table_schema', random_calls.pick('{public,"",s}'),
			'table_name', random_calls.text(), 'version', random_calls.pick('{NULL,x}'), 'tags', random_calls.member('tags', 0.2),
			'columns', CASE WHEN random_calls.chance(0.5) THEN jsonb_build_array(random_calls.value(),
				jsonb_build_object('name', random_calls.value(), 'description', random_calls.value())) END)) END), '[]')
		FROM generate_series(1, floor(random() * 4)::integer)));
END
$$;

-- An organization's sources, as catalog_apply takes them.
CREATE FUNCTION random_calls.document() RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
	IF random_calls.chance(0.3) THEN
		RETURN random_calls.descriptions();
	END IF;
	RETURN jsonb_build_object('version', CASE WHEN random_calls.chance(0.05) THEN random_calls.value() ELSE '1' END,
		'sources', (SELECT coalesce(jsonb_agg(random_calls.request(random_calls.chance(0.9)) - 'file_path'
			|| CASE WHEN random_calls.chance(0.3) THEN jsonb_build_object('workspace', random_calls.pick('{main,default,"",new}')) ELSE '{}' END), '[]')
			FROM generate_series(1, floor(random() * 3)::integer)));
END
$$;

-- SQL for a valid value of the type: whatever then fails is the function's own.
CREATE FUNCTION random_calls.argument(type regtype, name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	newest bigint;
BEGIN
	IF random_calls.chance(0.04) THEN
		RETURN 'NULL::' || type;
	END IF;
	SELECT last_value INTO newest FROM rivergen_catalog.data_source_id_seq;
	IF name ~ 'job' THEN
		SELECT last_value INTO newest FROM rivergen_catalog.job_id_seq;
	END IF;
	RETURN format('%L::%s', CASE
		WHEN type = 'jsonb'::regtype AND name ~ 'credential' THEN random_calls.credentials()::text
		WHEN type = 'jsonb'::regtype AND random_calls.chance(0.1) THEN random_calls.value()::text
		WHEN type = 'jsonb'::regtype AND random_calls.chance(CASE name WHEN 'document' THEN 0.9 ELSE 0.05 END) THEN random_calls.document()::text
		WHEN type = 'jsonb'::regtype THEN random_calls.request(name <> 'changes')::text
		WHEN type = 'bigint'::regtype AND name ~ '^(id|job_id|data_source_id|db_connection_id)$' AND random_calls.chance(0.8) THEN greatest(1, newest - floor(random() * 40))::text
		WHEN type = 'bigint'::regtype AND random_calls.chance(0.2) THEN random_calls.pick('{0,-1,9223372036854775807,-9223372036854775808,4294967296}')
		WHEN type = 'integer'::regtype AND random_calls.chance(0.2) THEN random_calls.pick('{0,-1,2147483647,-2147483648}')
		WHEN type IN ('bigint'::regtype, 'integer'::regtype, 'smallint'::regtype) THEN (1 + floor(random() * 6))::text
		WHEN type = 'boolean'::regtype THEN random_calls.chance(0.5)::text
		WHEN type = 'text'::regtype AND name ~ '^(type|status|status_filter|sort_by|sort_order|role)$' AND random_calls.chance(0.8) THEN random_calls.pick((CASE name
			WHEN 'type' THEN '{postgresql,http_api,csv}' WHEN 'sort_by' THEN '{id,name,port,status,created_at,workspace_id}' WHEN 'sort_order' THEN '{asc,desc}'
			WHEN 'role' THEN '{viewer,editor,admin}' ELSE '{active,inactive,maintenance,queued,failed}' END)::text[])
		WHEN type IN ('text'::regtype, 'varchar'::regtype) THEN random_calls.text()
		WHEN type = 'name'::regtype THEN left(random_calls.text(), 15)
		WHEN type = 'text[]'::regtype THEN (SELECT array_agg(random_calls.text())::text FROM generate_series(1, floor(random() * 4)::integer))
		WHEN type = 'regrole'::regtype THEN random_calls.pick('{pg_monitor,random_gateway}')
		WHEN type IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype) THEN random_calls.pick('{now,infinity,-infinity,epoch,294276-01-01,4713-01-01 BC}')
		WHEN type = 'interval'::regtype THEN random_calls.pick('{0,-1 day,1 hour,178000000 years}')
		WHEN type IN ('numeric'::regtype, 'double precision'::regtype, 'real'::regtype) THEN random_calls.pick('{0,-1,1.5,NaN,1e30}')
		WHEN type = 'bytea'::regtype THEN random_calls.pick('{"",canary}')
		END, type);
END
$$;

-- Defaults are left out now and then, and arguments named.
CREATE FUNCTION random_calls.call(function oid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	f pg_proc;
	named boolean := random_calls.chance(0.5);
	given integer;
	arguments text[] := '{}';
BEGIN
	SELECT * INTO f FROM pg_proc WHERE oid = function;
	named := named AND f.proargnames IS NOT NULL;
	given := f.pronargs - floor(random() * (f.pronargdefaults + 1));
	FOR i IN 1 .. f.pronargs LOOP
		CONTINUE WHEN i > given AND NOT (named AND random_calls.chance(0.5));
		arguments := arguments || (CASE WHEN named THEN quote_ident(f.proargnames[i]) || ' => ' ELSE '' END
			|| random_calls.argument(f.proargtypes[i - 1], coalesce(f.proargnames[i], '')));
	END LOOP;
	-- Rows whose columns the caller lists.
	RETURN format('SELECT f FROM rivergen.%I(%s) f%s', f.proname, array_to_string(arguments, ', '),
		CASE WHEN f.prorettype = 'record'::regtype AND f.proallargtypes IS NULL THEN ' (answer text)' ELSE '' END);
END
$$;

-- keeper: the session that keeps the catalog small.
CREATE PROCEDURE random_calls.storm(seed double precision, calls integer, keeper boolean) LANGUAGE plpgsql AS $$
DECLARE
	operator text := session_user;
	functions oid[];
	function oid;
	is_tenants boolean;
	claims text;
	statement text;
	answer record;
	shown text;
	state text;
	message text;
	detail text;
	hint text;
	context text;
	tally jsonb := '{}';
	key text;
BEGIN
	PERFORM setseed(seed), set_config('client_min_messages', 'error', false);
	SELECT array_agg(p.oid ORDER BY proname, p.oid) INTO functions FROM pg_proc p, generate_series(1, CASE WHEN proname ~ '^data_source_(create|update)' THEN 3 ELSE 1 END)
		WHERE pronamespace = 'rivergen'::regnamespace AND prokind = 'f';
	FOR i IN 1 .. calls LOOP
		function := functions[1 + floor(random() * cardinality(functions))];
		statement := random_calls.call(function);
		is_tenants := has_function_privilege('random_gateway', function, 'EXECUTE') AND random_calls.chance(0.97) OR random_calls.chance(0.02);
		claims := CASE WHEN random_calls.chance(0.02) THEN random_calls.value()::text
			ELSE jsonb_build_object('sub', random_calls.pick('{editor,editor,editor,admin,admin,viewer,stranger,stranger,outsider,ghost}'))::text END;
		state := '00000';
		message := NULL;
		shown := NULL;
		BEGIN
			IF is_tenants THEN
				PERFORM set_config('request.jwt.claims', claims, true), set_config('session_authorization', 'random_gateway', true);
			END IF;
			EXECUTE statement INTO answer;
			shown := answer::text;
			IF is_tenants THEN
				PERFORM set_config('session_authorization', operator, true);
			END IF;
			-- What operators and administrators do about people is undone: the people are needed.
			IF statement !~ '^SELECT f FROM rivergen.(data_source|discover|job|table)_' OR NOT is_tenants THEN
				RAISE SQLSTATE 'UNDO1';
			END IF;
		EXCEPTION
			WHEN SQLSTATE 'UNDO1' THEN
				NULL;
			WHEN OTHERS THEN
				GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
				message := concat_ws(' | ', message, detail, hint);
		END;
		key := function::regproc::text || ' ' || state;
		tally := tally || jsonb_build_object(key, coalesce((tally ->> key)::integer, 0) + 1);
		-- A deadlock is no error of ours: calls that meet lock their rows in one order.
		IF NOT (state ~ '^(00000|PT\d\d\d)$' OR state = '42501' AND is_tenants AND message LIKE 'permission denied for function %')
			OR position('canary' IN coalesce(message, '') || coalesce(shown, '')) > 0 THEN
			INSERT INTO random_calls.surprise VALUES (seed, statement, CASE WHEN is_tenants THEN claims ELSE 'operator' END, state, coalesce(message, shown), context);
		END IF;
		COMMIT;
		IF keeper AND i % 100 = 0 THEN
			DELETE FROM rivergen_catalog.data_source d WHERE (organization_id, data_source_id) IN (
				SELECT o.organization_id, o.data_source_id FROM rivergen_catalog.data_source o
				WHERE o.data_source_id < (SELECT max(data_source_id) - 150 FROM rivergen_catalog.data_source) FOR UPDATE SKIP LOCKED);
			COMMIT;
		END IF;
	END LOOP;
	INSERT INTO random_calls.outcome SELECT split_part(t.key, ' ', 1), split_part(t.key, ' ', 2), t.value::bigint FROM jsonb_each_text(tally) t;
END
$$;
