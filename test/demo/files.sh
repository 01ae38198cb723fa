# Sourced by sql.sh where the connector csv is installed: a source that is a file, and a query over it and the shop.

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
