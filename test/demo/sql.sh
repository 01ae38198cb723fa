# Sourced by demo.sh: the way of the shop through psql.

# Follows a job in rivergen.jobs and prints a line whenever it got further, until it has ended.
follow()
{
	psql_in app -v VERBOSITY=terse -f - 2>&1 <<-SQL | sed 's/.*NOTICE:  //'
		DO \$\$
		DECLARE
			now_at text;
			before text = '';
			done boolean = false;
			until timestamptz = clock_timestamp() + interval '1 minute';
		BEGIN
			WHILE NOT done AND clock_timestamp() < until LOOP
				SELECT finished_at IS NOT NULL, format('  %-10s ', status) || CASE WHEN phase IS NOT NULL
						THEN format('%-10s %4s relations %5s columns', phase, relations, columns)
						ELSE coalesce(error_message, format('in %s ms, sandbox %s', result ->> 'discovery_duration_ms', sandbox_level), '') END
					INTO done, now_at FROM rivergen.jobs WHERE job_id = $1;
				COMMIT;
				IF now_at <> before THEN
					RAISE NOTICE '%', now_at;
				END IF;
				before = now_at;
				PERFORM pg_sleep(0.003);
			END LOOP;
		END
		\$\$;
	SQL
}

heading "Register the shop as a data source"
statement="SELECT jsonb_pretty(rivergen.data_source_create('{
	\"name\": \"Shop\", \"type\": \"postgresql\",
	\"host\": \"127.0.0.1\", \"port\": $port, \"database_name\": \"shop\",
	\"schema_auto_refresh\": false, \"tags\": [\"demo\"],
	\"credentials\": {\"username\": \"shop_reader\", \"password\": \"$password\"}}'));"
printf '%s%s%s\n' "$dim" "${statement/$password/…}" "$plain"
psql_in app -At -c "$statement"
id=$(answer 'SELECT max(id) FROM rivergen.data_sources')

heading "Discover it in the background"
statement="SELECT rivergen.discover_schema($id, wait => false);"
printf '%s%s%s\n' "$dim" "$statement" "$plain"
started=$(answer "$statement")
echo "$started"
follow "$(sed 's/.*"job_id": \([0-9]*\).*/\1/' <<<"$started")"

heading "The answer, now from the cache"
show "SELECT jsonb_pretty(rivergen.discover_schema($id));" -At

heading "Its tables"
show "SELECT table_schema, table_name, table_type FROM rivergen.tables WHERE data_source_id = $id ORDER BY 1, 2;"

heading "A table: its columns"
show "SELECT column_name, data_type, is_nullable, column_default FROM rivergen.columns
 WHERE data_source_id = $id AND table_schema = 'sales' AND table_name = 'orders' ORDER BY ordinal_position;"

heading "and its keys"
show "SELECT constraint_name, constraint_type, column_names, referenced_schema, referenced_table, referenced_columns
  FROM rivergen.constraints WHERE data_source_id = $id AND table_schema = 'sales' AND table_name IN ('orders', 'order_line', 'shipment_item')
   AND constraint_type <> 'CHECK' ORDER BY table_name, constraint_type DESC;"

heading "Its rows, read in place"
show "SELECT rivergen.data_source_update($id, '{\"metadata\": {\"query\": {\"enabled\": true}}}') ->> 'message' AS switched_on;"
show "SELECT rivergen.attach($id, 'shop', schemas => '{catalog}') #> '{data,local_schemas}' AS attached;"
show "SELECT sku, name, price FROM shop.product WHERE price < 8 ORDER BY sku LIMIT 3;"

PATH=$PATH:/usr/sbin
if command -v mariadbd >/dev/null && [ -x "$("$PG_CONFIG" --pkglibdir)/rivergen/mysql" ]; then
	. "$root/test/demo/mariadb.sh"
else
	heading "A second source"
	echo "Where MariaDB's server is installed (mariadb-server-core), the demo joins a table of it with the shop's."
fi

if [ -x "$("$PG_CONFIG" --pkglibdir)/rivergen/csv" ]; then
	. "$root/test/demo/files.sh"
else
	heading "A file"
	echo "Where zlib and libzstd are installed (zlib1g-dev libzstd-dev), the demo joins a file of CSV with the shop's tables."
fi
