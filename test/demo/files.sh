# Sourced by sql.sh where the connector csv is installed: sources that are files, and queries over them and the shop.

heading "A file: what a wholesaler delivers, as its program exports it"
as_postgres mkdir -p "$work/files/organizations/1"
psql_in shop -At -c "COPY (SELECT sku AS \"Article\", to_char(0.6 * price, 'FM999990D00') AS \"Cost\",
	to_char(date '2024-11-28' + (product_id % 30)::int, 'DD.MM.YYYY') AS \"Delivered on\" FROM catalog.product ORDER BY sku)
	TO STDOUT (FORMAT csv, HEADER, DELIMITER ';')" |
	sed 's/;\([0-9]*\)\.\([0-9][0-9]\);/;\1,\2;/' | as_postgres tee "$work/files/organizations/1/deliveries.csv" >/dev/null
head -n 4 "$work/files/organizations/1/deliveries.csv"
show "SELECT rivergen.data_source_create('{
	\"name\": \"Deliveries\", \"type\": \"csv\", \"file_path\": \"organizations/1/deliveries.csv\", \"credentials\": {},
	\"schema_auto_refresh\": false, \"metadata\": {\"query\": {\"enabled\": true}}}') ->> 'message' AS created;"
deliveries=$(answer 'SELECT max(id) FROM rivergen.data_sources')
show "SELECT rivergen.discover_schema($deliveries) ->> 'message' AS discovered;"
show "SELECT table_name, column_name, data_type, pg_type FROM rivergen.columns
 WHERE data_source_id = $deliveries ORDER BY ordinal_position;"

heading "The file and the shop in one query"
show "SELECT rivergen.attach($deliveries, 'deliveries') #> '{data,local_schemas}' AS attached;"
show "SELECT p.sku, p.name, p.price, d.\"Cost\", p.price - d.\"Cost\" AS margin, d.\"Delivered on\"
  FROM shop.product p JOIN deliveries.\"deliveries.csv\" d ON d.\"Article\" = p.sku
 WHERE d.\"Delivered on\" >= '2024-12-20' ORDER BY margin DESC, p.sku LIMIT 5;"

# A few values in Parquet, as DuckDB writes it.
write_parquet()
{
	local peers file
	peers=$("$root/test/lib/pip.sh" "$root/test/peers/files" 2>/dev/null) || return
	file=$(mktemp)
	PYTHONPATH=$peers /usr/bin/python3 -c "import duckdb
duckdb.sql('''COPY (SELECT 'SKU-' || i AS sku, i * 7 % 40 AS pieces, timestamp '2024-12-31 18:00:00' + to_minutes(i) AS counted_at,
	{'hall': 'H' || i % 3, 'shelf': i % 20} AS place FROM range(1, 501) x(i)) TO '$file' (FORMAT parquet)''')" &&
		as_postgres tee "$work/files/organizations/1/stock.parquet" <"$file" >/dev/null
	rm -f "$file"
}

if [ -x "$("$PG_CONFIG" --pkglibdir)/rivergen/parquet" ] && write_parquet; then
	heading "A second file, of Parquet: what is in stock"
	show "SELECT rivergen.data_source_create('{
	\"name\": \"Stock\", \"type\": \"parquet\", \"file_path\": \"organizations/1/stock.parquet\", \"credentials\": {},
	\"schema_auto_refresh\": false, \"metadata\": {\"query\": {\"enabled\": true}}}') ->> 'message' AS created;"
	stock=$(answer 'SELECT max(id) FROM rivergen.data_sources')
	show "SELECT rivergen.discover_schema($stock) ->> 'message' AS discovered;"
	show "SELECT column_name, data_type, pg_type, is_nullable FROM rivergen.columns
 WHERE data_source_id = $stock ORDER BY ordinal_position;"
	show "SELECT rivergen.attach($stock, 'stock') #> '{data,local_schemas}' AS attached;"
	show "SELECT p.sku, s.pieces, s.place ->> 'hall' AS hall, round(s.pieces * d.\"Cost\") AS worth
  FROM shop.product p JOIN stock.\"stock.parquet\" s USING (sku) JOIN deliveries.\"deliveries.csv\" d ON d.\"Article\" = p.sku
 WHERE s.pieces > 35 ORDER BY worth DESC, p.sku LIMIT 5;"
else
	heading "A file of Parquet"
	echo "Where pip can fetch DuckDB, which writes one, the demo joins that, too."
fi
