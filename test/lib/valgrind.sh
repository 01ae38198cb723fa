#!/bin/bash
# make valgrind: the server side under valgrind — backends, launcher and workers of a private server that discovers, scans
# and tests one of its own databases. Fails when valgrind says anything of our code. Connectors are not traced: they
# confine themselves, and have the sanitizers.
set -euo pipefail
. "$(dirname "$0")/common.sh"

on_server()
{
	as_postgres "$bindir/psql" -X -q -At -h "$work/server.sock" -p "$port" -U postgres "$@"
}

# What the server does itself: it writes the padding of its log records and of the cache of its catalogs, sends messages
# with padding through shared memory, and moves its compiled regular expressions up by one with a copy that overlaps.
suppressions()
{
	cat <<-SUPPRESSIONS
		{
		   padding of log records
		   Memcheck:Param
		   pwrite64(buf)
		   fun:pwrite
		   ...
		   fun:XLogFlush
		}
		{
		   padding of cached catalogs
		   Memcheck:Param
		   write(buf)
		   ...
		   fun:RelationCacheInitializePhase3
		}
		{
		   padding of invalidation messages, conditions
		   Memcheck:Cond
		   ...
		   fun:ReceiveSharedInvalidMessages
		}
		{
		   padding of invalidation messages, values
		   Memcheck:Value8
		   ...
		   fun:ReceiveSharedInvalidMessages
		}
		{
		   cache of regular expressions
		   Memcheck:Overlap
		   fun:__memcpy_chk
		   fun:RE_compile_and_cache
		}
	SUPPRESSIONS
}

start_traced()
{
	suppressions | as_postgres tee "$work/suppressions" >/dev/null
	as_postgres valgrind --quiet --trace-children=yes --trace-children-skip='*rivergen-run,*/sh' --child-silent-after-fork=no \
		--suppressions="$work/suppressions" --num-callers=30 --fullpath-after= --log-file="$work/valgrind.%p" "$bindir/postgres" -D "$work/server" >"$work/server.log" 2>&1 &
	until on_server -d postgres -c 'SELECT 1' >/dev/null 2>&1; do
		kill -0 $! || { cat "$work/server.log" >&2; return 1; }
	done
}

# As a gateway's, good ones and bad ones; the wait for a discovery is given up at once.
http_requests()
{
	cat <<-'SQL'
		SET rivergen.gateway_roles = 'postgres';
		SET rivergen.http_wait_limit = '1ms';
		SET request.method = 'POST';
		SELECT set_config('request.jwt.claims', jsonb_build_object('sub', 'postgres')::text, false);
		SELECT set_config('request.headers', jsonb_build_object('x-rivergen-method', method, 'x-rivergen-uri', '/api/v1' || uri,
				'x-rivergen-prefer', 'x, respond-async;y', 'x-rivergen-if-match', tag, 'x-rivergen-content-type', 'application/json')::text, false) IS NULL,
			rivergen.http(convert_to(body, 'UTF8')) IS NULL, current_setting('response.status') || current_setting('response.headers')
		FROM (VALUES ('GET', '/data-sources?page=1&tags=a,b&search=%C3%BC+x', '', ''), ('HEAD', '/data-sources/1/', '', ''), ('GET', '/nothing', '', ''),
			('GET', '/data-sources/x?pgae=1&page=z&%zz', '', ''), ('GET', '/data-sources/99999999999999999999', '', ''), ('DELETE', '/sealing-key', '', ''),
			('GET', '/openapi.json', '', ''), ('GET', '/openapi.json', '', ''), ('POST', '/data-sources', '{"nmae": [1, {"a": "\u0000"}]}', ''), ('POST', '/data-sources', '{', ''),
			('POST', '/data-sources', repeat('[', 100000), ''), ('PATCH', '/data-sources/1', '{"description": "x"}', '"x"'), ('PATCH', '/data-sources/1', '{}', 'W/"x"'),
			('PATCH', '/data-sources/1', '{"description": "x"}', '*'), ('PUT', '/data-sources/1/status', '{"status": 1, "x": 2}', ''),
			('POST', '/table-descriptions/scan', '{"ids": ["1", 2, 1e40, -1e40, 1.5, null, "x"]}', ''), ('POST', '/table-descriptions/refresh', '{"db_connection_id": "1"}', ''),
			('POST', '/data-sources/1/discover-schema?refresh=true&full=TRUE', '{}', '')) r (method, uri, body, tag);
		SELECT rivergen.discover_schema(1, refresh => true);
		SELECT rivergen.data_source_get(99);
		RESET rivergen.gateway_roles;
		DO $$ BEGIN WHILE EXISTS (SELECT FROM rivergen.jobs WHERE status IN ('queued', 'running')) LOOP PERFORM pg_sleep(0.1); COMMIT; END LOOP; END $$;
	SQL
}

# Scans that end, fail, are cancelled and start again, and questions; the source's table of orders has 1,000 rows.
readings()
{
	cat <<-'SQL'
		SELECT rivergen.data_source_update(:id, '{"metadata": {"query": {"enabled": true}}}') -> 'success';
		SELECT rivergen.attach(:id) IS NOT NULL;
		ANALYZE small_sales.orders;
		EXPLAIN (VERBOSE, ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT id, remark FROM small_sales.orders WHERE id < 10 ORDER BY id LIMIT 3;
		SELECT count(*), sum(price) FROM small_sales.orders WHERE customer IN (1, 2, 3) AND remark LIKE 'n%';
		SELECT count(*) FROM small_sales.orders;
		SELECT c.name, (SELECT max(o.price) FROM small_sales.orders o WHERE o.customer = c.id) FROM small_sales.customers c WHERE c.mood = 'good' ORDER BY 1 LIMIT 5;
		BEGIN;
		DECLARE held CURSOR WITH HOLD FOR SELECT * FROM small_sales.orders LIMIT 20;
		DECLARE closed CURSOR FOR SELECT * FROM small_sales.orders;
		FETCH 2 FROM closed;
		SAVEPOINT s;
		SELECT 1 / (id - 5) FROM small_sales.orders;
		ROLLBACK TO s;
		FETCH 2 FROM closed;
		COMMIT;
		FETCH 3 FROM held;
		CLOSE held;
		ALTER FOREIGN TABLE small_sales.orders ALTER COLUMN remark TYPE int;
		SELECT remark FROM small_sales.orders;
		ALTER FOREIGN TABLE small_sales.orders OPTIONS (ADD on_error 'null');
		SELECT count(*), count(remark) FROM small_sales.orders;
		CREATE DOMAIN positive AS int CHECK (VALUE > 0);
		ALTER FOREIGN TABLE small_sales.orders ALTER COLUMN remark TYPE positive;
		SELECT count(*), count(remark) FROM small_sales.orders WHERE id < 20;
		CREATE STATISTICS both (mcv) ON customer, price FROM small_sales.orders;
		ANALYZE small_sales.orders;
		SELECT rivergen.data_source_update(:id, '{"metadata": {"query": {"enabled": true, "masking": true}}}') -> 'success';
		SELECT count(*) FROM pg_stats WHERE schemaname = 'small_sales';
		SELECT rivergen.data_source_update(:id, '{"metadata": {"query": {"enabled": true}}}') -> 'success';
		SET statement_timeout = '2s';
		SELECT count(*) FROM small_sales.orders a, small_sales.orders b, small_sales.orders c;
		RESET statement_timeout;
		SELECT rivergen.rows(:id, 'sales', 'customers', row_limit => 3) IS NOT NULL;
		SELECT rivergen.query(:id, 'SELECT id, name FROM sales.customers WHERE id < 4') IS NOT NULL;
		SELECT rivergen.query(:id, 'SELECT nothing', check_only => true);
		SELECT rivergen.query(:id, 'DELETE FROM sales.orders');
		SELECT * FROM rivergen.query_rows(:id, 'SELECT id FROM sales.customers') AS (id int) LIMIT 2;
		SELECT * FROM rivergen.attachments;
		SELECT rivergen.detach(:id) IS NOT NULL;
	SQL
}

# Every statement is sent, also those that fail: refusals are to be clean, too.
scenario()
{
	on_server -d app <<-SQL
		CREATE EXTENSION rivergen;
		SELECT rivergen.quick_start('Traced') IS NOT NULL;
		SELECT rivergen.data_source_create('{"name": "small", "type": "postgresql", "host": "127.0.0.1", "port": $port,
			"database_name": "small", "schema_auto_refresh": false, "connection_timeout": 600, "query_timeout": 600,
			"credentials": {"username": "traced_reader", "password": "traced"}}') #>> '{data,id}' AS id \\gset
		SELECT rivergen.discover_schema(:id) -> 'success';
		SELECT rivergen.discover_schema(:id, refresh => true) -> 'success';
		SELECT rivergen.discover_schema(:id, 'sales', refresh => true, "full" => true) -> 'success';
		SELECT rivergen.discover_schema(:id, 'no such schema');
		\\c small
		ALTER TABLE sales.orders RENAME COLUMN note TO remark;
		ALTER TABLE sales.orders ADD COLUMN more int DEFAULT 7;
		ALTER TABLE sales.customer RENAME TO customers;
		DROP VIEW sales.recent;
		COMMENT ON TABLE sales.orders IS 'what was bought';
		\\c app
		SELECT rivergen.discover_schema(:id, refresh => true) -> 'success';
		SELECT count(*) FROM rivergen.schema_changes;
		SELECT count(*) FROM rivergen.schema_as_of(:id, now());
		SELECT rivergen.data_source_update(:id, '{"metadata": {"discovery": {"include": ["sales.*", "o*.\"x.y\""], "exclude": ["*.c?st*"]}}}') -> 'success';
		SELECT rivergen.discover_schema(:id, refresh => true) -> 'success';
		SELECT rivergen.data_source_update(:id, '{"metadata": {"discovery": {"include": ["a.b.c"]}, "unknown": 1}, "port": 0, "nome": 1}');
		SELECT rivergen.data_source_update(:id, '{"metadata": {}}') -> 'success';
		SELECT rivergen.table_description_refresh(:id) IS NOT NULL;
		SELECT rivergen.table_description_scan(db_connection_id => :id) -> 'success';
		DO \$\$ BEGIN WHILE EXISTS (SELECT FROM rivergen.jobs WHERE status IN ('queued', 'running')) LOOP PERFORM pg_sleep(0.1); COMMIT; END LOOP; END \$\$;
		SELECT status, error_message FROM rivergen.jobs WHERE status <> 'succeeded';
		SELECT rivergen.table_description_list(:id) IS NOT NULL;
		SELECT rivergen.discover_schema(:id, refresh => true, wait => false) #>> '{data,job_id}' AS job \\gset
		SELECT rivergen.job_cancel(:job);
		SET statement_timeout = '300ms';
		SELECT rivergen.discover_schema(:id, refresh => true);
		RESET statement_timeout;
		SELECT rivergen.data_source_test(:id) -> 'success';
		SELECT rivergen.data_source_test('{"name": "x", "type": "postgresql", "host": "127.0.0.1", "port": 1, "database_name": "x", "credentials": {}}'::jsonb);
		$(readings)
		SELECT rivergen.data_source_update_credentials(:id, '{"username": "traced_reader", "password": "wrong"}') -> 'success';
		SELECT rivergen.discover_schema(:id, refresh => true);
		SELECT rivergen.data_source_list(search => 'sma', sort_by => 'name') -> 'success', rivergen.data_source_health(:id) -> 'success';
		SELECT rivergen.discover_all() IS NOT NULL;
		SELECT * FROM rivergen.stats();
		SET request.headers = '{"x-rivergen-method": "GET", "x-rivergen-uri": "/api/v1/openapi.json"}';
		SELECT json_typeof(rivergen.http(NULL));
		CREATE FUNCTION pg_temp.another() RETURNS int LANGUAGE sql RETURN 1;
		SELECT json_typeof(rivergen.http(NULL));
		RESET request.headers;
		SELECT count(*) FROM rivergen.columns;
		$(http_requests)
		SELECT rivergen.data_source_delete(:id) -> 'success', rivergen.data_source_delete(:id, force => true) -> 'success';
		DROP EXTENSION rivergen CASCADE;
	SQL
}

# What valgrind said that has a frame of ours in it: blocks are separated by a line of the process number alone.
# Valgrind tells the path of a source file that has debugging information, else the library.
ours()
{
	awk 'BEGIN { RS = "==[0-9]+== \n" } /rivergen\.so|src\/(api|catalog|check|fdw|http|merge|process|queue|reader|secret|stream|wire|worker)\// { print }' "$work"/valgrind.*
}

command -v valgrind >/dev/null || { echo "valgrind is not installed (package valgrind)" >&2; exit 1; }
build_and_install
remove_work_at_exit
make_work
port=$(free_port)
new_cluster server "$port" "$(rivergen_configuration)
	jit = off"
on_server -d postgres -c 'CREATE DATABASE app' -c 'CREATE DATABASE small' -c "CREATE ROLE traced_reader LOGIN SUPERUSER PASSWORD 'traced'"
on_server -d small -v ON_ERROR_STOP=1 <<-SQL
	CREATE SCHEMA sales;
	CREATE SCHEMA other;
	CREATE TABLE sales.customer (id int PRIMARY KEY, name text, mood text);
	CREATE TABLE sales.orders (id bigserial PRIMARY KEY, customer int REFERENCES sales.customer, note text UNIQUE, price numeric CHECK (price > 0));
	CREATE VIEW sales.recent AS SELECT * FROM sales.orders;
	INSERT INTO sales.customer SELECT n, 'n' || n, CASE n % 2 WHEN 0 THEN 'good' ELSE 'bad' END FROM generate_series(1, 100) n;
	INSERT INTO sales.orders (customer, note, price) SELECT n % 100 + 1, 'n' || n, n FROM generate_series(1, 1000) n;
	SELECT format('CREATE TABLE other.t%s (a int, b text)', n) FROM generate_series(1, 200) n \\gexec
SQL
stop_cluster server
start_traced
scenario
stop_cluster server
wait
ours >"$work/ours"
if [ -s "$work/ours" ]; then
	cat "$work/ours"
	echo "valgrind: faults"
	exit 1
fi
echo "valgrind: nothing of $(find "$work" -maxdepth 1 -name 'valgrind.*' | wc -l) processes"
