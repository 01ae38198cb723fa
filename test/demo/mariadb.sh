# Sourced by sql.sh where MariaDB's server is installed: a second source, of another type, and a query over both.

mariadb_as_root()
{
	as_postgres mariadb --no-defaults --socket="$work/mariadb/socket" --user=root "$@"
}

start_mariadb()
{
	local options=(--no-defaults "--datadir=$work/mariadb/data" "--tmpdir=$work/mariadb") until=$((SECONDS + 60))
	as_postgres mkdir -m 0700 "$work/mariadb"
	as_postgres mariadb-install-db "${options[@]}" --auth-root-authentication-method=normal --skip-test-db \
		>"$work/mariadb.log" 2>&1
	start_process mariadb/server mariadbd "${options[@]}" --bind-address=127.0.0.1 "--port=$mariadb_port" \
		"--socket=$work/mariadb/socket" --innodb-buffer-pool-size=32M
	until mariadb_as_root -e 'SELECT 1' >/dev/null 2>&1; do
		if [ $SECONDS -gt $until ]; then
			cat "$work/mariadb.log" "$work/mariadb/server.log" >&2
			return 1
		fi
		sleep 0.05
	done
}

heading "A second source: a throwaway MariaDB with reviews of the shop's articles"
mariadb_port=$(free_port)
start_mariadb
mariadb_as_root <"$root/test/demo/reviews.sql"
reviews_password=reviews-password
echo "It listens on 127.0.0.1:$mariadb_port. User reviews_reader reads database \"reviews\"; its password is $reviews_password."
statement="SELECT rivergen.data_source_create('{
	\"name\": \"Reviews\", \"type\": \"mariadb\",
	\"host\": \"127.0.0.1\", \"port\": $mariadb_port, \"database_name\": \"reviews\",
	\"schema_auto_refresh\": false, \"metadata\": {\"query\": {\"enabled\": true}},
	\"credentials\": {\"username\": \"reviews_reader\", \"password\": \"$reviews_password\"}}') ->> 'message' AS created;"
printf '%s%s%s\n' "$dim" "${statement/$reviews_password/…}" "$plain"
psql_in app -P pager=off -c "$statement"
reviews=$(answer 'SELECT max(id) FROM rivergen.data_sources')
show "SELECT rivergen.discover_schema($reviews) ->> 'message' AS discovered;"
show "SELECT table_name, column_name, data_type, pg_type FROM rivergen.columns
 WHERE data_source_id = $reviews ORDER BY table_name, ordinal_position;"

heading "Both in one query, read in place"
show "SELECT rivergen.attach($reviews, 'reviews') #> '{data,local_schemas}' AS attached;"
show "SELECT p.sku, p.name, p.price, r.reviews, round(r.stars, 1) AS stars
  FROM shop.product p JOIN reviews.rating r USING (sku) WHERE p.price < 8 ORDER BY r.stars DESC, p.sku LIMIT 5;"
