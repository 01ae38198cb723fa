/*
 * signature_statements.c — the queries that compare signatures; signatures.c says why they may be trusted.
 *
 * A version's number is its xmin, counted from the horizon, modulo 2^32: what `age(horizon) - age(xmin)` is,
 * whatever transaction the ages are taken from. Numbers below 2^31 are newer than the horizon. (xmin 1 and 2,
 * whose age is a constant, are never newer: a horizon is at most 2^30 transactions old.) Reading xmin as a
 * text would take several times as long.
 */
#include "connectors/postgresql/signature_statements.h"
#include "connectors/postgresql/statements.h"

/*
 * Hashes everything that any document may depend on. concat_ws() leaves nulls out, hence the labels between
 * its arguments. Row types are not included, because they change with their relations, nor arrays, because
 * they change with their elements.
 */
const char base_sql[] =
	"SELECT md5(concat_ws(' ', (SELECT system_identifier FROM pg_control_system()), pg_postmaster_start_time(), "
	"CASE WHEN pg_is_in_recovery() "
	"THEN 'standby ' || (SELECT min_recovery_end_timeline FROM pg_control_recovery()) "
	"ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END, "
	"(SELECT oid FROM pg_database WHERE datname = current_database()), version(), current_user, "
	"'patterns', $1::text, $2::text, $3::text, $4::text, "
	"'schemas', (SELECT sum(hashtextextended(t.xmin::text, t.oid::int8)) FROM pg_namespace t "
	"WHERE t.nspname !~ '^pg_(toast_)?temp_'), "
	"'types', (SELECT sum(hashtextextended(t.xmin::text, t.oid::int8)) FROM pg_type t "
	"WHERE t.typtype <> 'c' AND (t.typtype <> 'b' OR t.typcategory <> 'A')), "
	"'labels', (SELECT sum(hashtextextended(t.xmin::text, t.oid::int8)) FROM pg_enum t), "
	"'collations', (SELECT sum(hashtextextended(t.xmin::text, t.oid::int8)) FROM pg_collation t), "
	"'operators', (SELECT sum(hashtextextended(t.xmin::text, t.oid::int8)) FROM pg_operator t), "
	"'classes', (SELECT sum(hashtextextended(t.xmin::text, t.oid::int8)) FROM pg_opclass t), "
	"'methods', (SELECT sum(hashtextextended(t.xmin::text, t.oid::int8)) FROM pg_am t), "
	"'configurations', (SELECT sum(hashtextextended(t.xmin::text, t.oid::int8)) FROM pg_ts_config t), "
	"'dictionaries', (SELECT sum(hashtextextended(t.xmin::text, t.oid::int8)) FROM pg_ts_dict t), "
	"'servers', (SELECT sum(hashtextextended(t.xmin::text, t.oid::int8)) FROM pg_foreign_server t), "
	"'end')), txid_snapshot_xmin(txid_current_snapshot())";

/* The catalogs may lack statistics, and then the planner would choose loops. */
const char whole_read_settings_sql[] =
	SET_LOCAL("('enable_nestloop', 'off'), ('enable_mergejoin', 'off'), ('enable_bitmapscan', 'off')");

const char functions_sql[] =
	"SELECT f.oid, hashint8extended(f.number, f.oid::int8) "
	"FROM (SELECT p.oid, ((SELECT age($1::text::xid))::int8 - age(p.xmin)) & 4294967295 AS number "
	"FROM pg_proc p) f WHERE f.number < 2147483648";

/*
 * Rows of pg_attribute are most of all, and are only filtered: what goes from it, or from the other catalogs
 * that are not counted, goes with its relation, or with a change of another row. Others are counted, because
 * their rows may go without a trace. An object's number tells rows of one relation apart; its upper half is
 * the oid of the catalog. An owner's name is part of the document.
 */
const char declare_signatures_sql[] =
	"DECLARE rivergen_signatures NO SCROLL CURSOR FOR "
	"SELECT c.oid, c.relname, c.relnamespace, hash_array_extended(ARRAY[n.number, r.count, "
	"hash_numeric_extended(r.newer, 0), hashtextextended(pg_get_userbyid(c.relowner)::text, 0)], 0), "
	"s.selected, CASE WHEN c.relkind IN ('r', 'm', 'p', 'f') AND {analysed} THEN c.reltuples::int8 END, "
	"CASE WHEN c.relkind IN ('r', 'm') AND {analysed} "
	"THEN (c.relpages::int8 & 4294967295) * current_setting('block_size')::int8 END "
	"FROM pg_class c JOIN pg_namespace ON pg_namespace.oid = c.relnamespace "
	"LEFT JOIN (SELECT v.relation, count(*) AS count, "
	"sum(hashint8extended(v.number, v.object)) FILTER (WHERE v.number < 2147483648) AS newer "
	"FROM (SELECT u.relation, u.object, u.counted, "
	"((SELECT age($6::text::xid))::int8 - age(u.version)) & 4294967295 AS number FROM ("
	"SELECT t.attrelid AS relation, t.xmin AS version, 1249::int8 << 32 | t.attnum AS object, false AS counted "
	"FROM pg_attribute t "
	"UNION ALL SELECT t.adrelid, t.xmin, 2604::int8 << 32 | t.adnum, false FROM pg_attrdef t "
	"UNION ALL SELECT t.conrelid, t.xmin, 2606::int8 << 32 | t.oid::int8, true FROM pg_constraint t "
	"UNION ALL SELECT t.indrelid, t.xmin, 2610::int8 << 32 | t.indexrelid::int8, true FROM pg_index t "
	"UNION ALL SELECT t.indrelid, x.xmin, 1259::int8 << 32 | t.indexrelid::int8, false FROM pg_index t "
	"JOIN pg_class x ON x.oid = t.indexrelid "
	"UNION ALL SELECT t.objoid, t.xmin, 2609::int8 << 32 | t.objsubid, true FROM pg_description t "
	"WHERE t.classoid = 1259 "
	"UNION ALL SELECT t.inhrelid, t.xmin, 2611::int8 << 32 | t.inhseqno, true FROM pg_inherits t "
	"UNION ALL SELECT t.ev_class, t.xmin, 2618::int8 << 32 | t.oid::int8, false FROM pg_rewrite t "
	"UNION ALL SELECT t.seqrelid, t.xmin, 2224::int8 << 32, false FROM pg_sequence t "
	"UNION ALL SELECT t.ftrelid, t.xmin, 3118::int8 << 32, false FROM pg_foreign_table t "
	"UNION ALL SELECT t.partrelid, t.xmin, 3350::int8 << 32, false FROM pg_partitioned_table t) u) v "
	"WHERE v.counted OR v.number < 2147483648 GROUP BY v.relation) r ON r.relation = c.oid "
	"CROSS JOIN LATERAL (SELECT CASE WHEN w.number < 2147483648 THEN w.number END "
	"FROM (SELECT ((SELECT age($6::text::xid))::int8 - age(c.xmin)) & 4294967295) w (number)) n (number) "
	"CROSS JOIN LATERAL (SELECT c.relkind <> 'c' AND " IN_SCOPE " AND " RELATION_SELECTED ") s (selected) "
	"WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c') AND (s.selected OR "
	"(c.relpersistence <> 't' AND (n.number IS NOT NULL OR r.newer IS NOT NULL)))";

#define TEXT(number)    TEXT_OF(number)
#define TEXT_OF(number) #number
const char fetch_signatures_sql[] = "FETCH " TEXT(SIGNATURES_FETCHED) " FROM rivergen_signatures";

/*
 * Whatever depends on the given objects, through types, functions, operators, indexes and keys, but not
 * through relations: a document names what it depends on directly. A table's row type depends on the table,
 * but a composite type's relation on the type. The numbers are oids of catalogs: 1247 pg_type, 1255 pg_proc,
 * 1259 pg_class, 2604 pg_attrdef, 2606 pg_constraint, 2618 pg_rewrite. Planned like the prepared
 * statements.
 */
const char dependents_sql[] =
	"WITH RECURSIVE used (class, object, passed) AS ("
	"SELECT 1259::oid, unnest($1::oid[]), true UNION SELECT 1255::oid, unnest($2::oid[]), true "
	"UNION SELECT 1247::oid, c.reltype, true FROM pg_class c WHERE c.oid = ANY ($1::oid[]) AND c.relkind = 'c' "
	"UNION SELECT d.classid, d.objid, d.classid <> 1259 OR NOT EXISTS (SELECT FROM pg_class c "
	"WHERE c.oid = d.objid AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')) "
	"FROM used u JOIN pg_depend d ON d.refclassid = u.class AND d.refobjid = u.object WHERE u.passed) "
	"SELECT u.object FROM used u WHERE u.class = 1259 "
	"UNION SELECT t.indrelid FROM used u JOIN pg_index t ON t.indexrelid = u.object WHERE u.class = 1259 "
	"UNION SELECT t.adrelid FROM used u JOIN pg_attrdef t ON t.oid = u.object WHERE u.class = 2604 "
	"UNION SELECT t.conrelid FROM used u JOIN pg_constraint t ON t.oid = u.object WHERE u.class = 2606 "
	"UNION SELECT t.ev_class FROM used u JOIN pg_rewrite t ON t.oid = u.object WHERE u.class = 2618";
