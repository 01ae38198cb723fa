/*
 * statements.c — the queries, and how they differ between PostgreSQL 10 and 18.
 *
 * They read the raw catalogs by index; the client joins, names and writes, because a discovery should cost
 * the server little time. None of the prepared statements before FIRST_TEXT opens or locks a relation of the
 * user: pg_get_expr(tree, 0) is enough for expressions without columns. Results are not sorted; rows.c sorts
 * them.
 *
 * Names have no schema, since session_ask_begin() leaves only pg_catalog in the search path. Up to PostgreSQL
 * 11 oid is a hidden column, which must be named in the query that reads the table: no join and no `*`
 * carries it.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/postgresql/statements.h"

/* Columns of one chunk; each takes about 300 bytes, and three chunks are in memory at a time. */
#define CHUNK_COLUMNS "8000"

#define SCHEMA_SELECTED                                                                                      \
	"($2::text[] = '{}' OR " MATCHES("$2::text[]", "$3::text[]",                                             \
									 "p.relation IS NOT NULL") ") AND "                                      \
															   "($4::text[] = '{}' OR NOT " MATCHES(         \
																   "$4::text[]", "$5::text[]",               \
																   "p.relation = '%'") ")"

const char raw_texts_sql[] = "SET LOCAL client_encoding = 'SQL_ASCII'";

/* For the prepared statements: each is planned once and reads some hundred relations by index. */
const char planner_settings_sql[] = SET_LOCAL(
	"('enable_sort', 'off'), ('enable_seqscan', 'off'), ('enable_bitmapscan', 'off'), ('enable_hashjoin', 'off'), "
	"('enable_mergejoin', 'off'), ('enable_material', 'off'), ('enable_nestloop', 'on'), ('plan_cache_mode', 'force_generic_plan')");

const char schemas_sql[] =
	"SELECT oid, nspname, " IN_SCOPE " AND " SCHEMA_SELECTED " FROM pg_namespace ORDER BY oid";

/* 2615 is pg_namespace. */
const char schema_comments_sql[] =
	"SELECT objoid, description FROM pg_description WHERE classoid = 2615 AND objsubid = 0 ORDER BY objoid";

const char access_methods_sql[] = "SELECT oid, amname FROM pg_am ORDER BY oid";

const char reserved_words_sql[] =
	"SELECT word FROM pg_get_keywords() WHERE catcode <> 'U' ORDER BY word COLLATE \"C\"";

const char default_classes_sql[] = "SELECT oid, opcintype FROM pg_opclass WHERE opcdefault ORDER BY oid";

/* Schema by schema, so that the server receives each schema's relations together. */
const char declare_list_sql[] =
	"DECLARE rivergen_list NO SCROLL CURSOR FOR "
	"SELECT array_agg(relation), array_agg(relation) FILTER (WHERE relkind <> 'S'), "
	"array_agg(relation) FILTER (WHERE relkind = 'S'), array_agg(relation) FILTER (WHERE relkind = 'f'), "
	"(sum(count(*)) OVER ())::int8 "
	"FROM (SELECT c.oid AS relation, relkind, "
	"sum(relnatts + 10) OVER (ORDER BY relnamespace, c.oid ROWS UNBOUNDED PRECEDING) / " CHUNK_COLUMNS
	" AS chunk "
	"FROM pg_class c JOIN (SELECT n.oid AS schema, nspname FROM pg_namespace n WHERE " IN_SCOPE
	") schemas ON relnamespace = schema "
	"WHERE relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND " RELATION_SELECTED
	" AND ($6::oid[] IS NULL OR c.oid = ANY ($6))) listed "
	"GROUP BY chunk ORDER BY chunk";

const char fetch_list_sql[] = "FETCH 1 FROM rivergen_list";

/* A place in a statement that depends on the server's version: {name} stands for one of two texts. */
typedef struct Variant
{
	const char *place;
	int since;
	const char *newer;
	const char *older;
} Variant;

static const Variant variants[] = {
	{"{generated}", 120000, "nullif(a.attgenerated, '')", "NULL::\"char\""},
	{"{key_count}", 110000, "i.indnkeyatts", "i.indnatts"},
	{"{nulls_not_distinct}", 150000, "i.indnullsnotdistinct", "false"},
	{"{set_columns}", 150000, "k.confdelsetcols", "NULL::int2[]"},
	{"{enforced}", 180000, "k.conenforced", "true"},
	{"{temporal}", 180000, "k.conperiod", "false"},
	{"{analysed}", 140000, "c.reltuples >= 0", "(c.reltuples > 0 OR c.relpages > 0)"},
	/*
	 * A foreign key to a partitioned table has a copy for each partition; these are internal, not further
	 * keys.
	 */
	{"{no_twin}", 110000,
	 "(k.conparentid = 0 OR k.conrelid <> (SELECT t.conrelid FROM pg_constraint t WHERE t.oid = k.conparentid))",
	 "true"},
};

/* The requested types with their base types; the base of a domain may be a domain. */
#define TYPES_WITH_BASE                                                                                      \
	"unnest($1::oid[], $2::int4[]) w (type, modifier) JOIN pg_type t ON t.oid = w.type "                     \
	"CROSS JOIN LATERAL (WITH RECURSIVE base (type, modifier, level) AS (SELECT t.oid, t.typtypmod, 0 "      \
	"UNION ALL SELECT d.typbasetype, d.typtypmod, base.level + 1 FROM base JOIN pg_type d "                  \
	"ON d.oid = base.type WHERE d.typtype = 'd') SELECT * FROM base ORDER BY level DESC LIMIT 1) b "         \
	"JOIN pg_type u ON u.oid = b.type"

/* 1259 is pg_class. */
static const char *const statements[STATEMENT_COUNT] = {
	[STATEMENT_RELATIONS] =
		"SELECT c.oid, c.relname, c.relnamespace, c.relkind, c.relispartition, "
		"CASE WHEN c.relkind IN ('r', 'm', 'p', 'f') AND {analysed} THEN c.reltuples::int8 END, "
		"CASE WHEN c.relkind IN ('r', 'm') AND {analysed} "
		"THEN (c.relpages::int8 & 4294967295) * current_setting('block_size')::int8 END, "
		"CASE WHEN c.relkind IN ('v', 'm') THEN c.reloptions END FROM pg_class c WHERE c.oid = ANY ($1::oid[])",

	[STATEMENT_COLUMNS] =
		"SELECT a.attrelid, a.attnum, a.attname, a.atttypid, nullif(a.atttypmod, -1), nullif(a.attnotnull, false), "
		"nullif(a.attidentity, ''), {generated}, nullif(a.attcollation, 0) "
		"FROM pg_attribute a WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped",

	[STATEMENT_DEFAULTS] = "SELECT d.adrelid, d.adnum, "
						   "CASE WHEN strpos(d.adbin::text, '{VAR ') = 0 THEN pg_get_expr(d.adbin, 0) END "
						   "FROM pg_attrdef d WHERE d.adrelid = ANY ($1::oid[])",

	[STATEMENT_CONSTRAINTS] =
		"SELECT k.conrelid, k.conname, k.oid, k.contype, k.conkey, k.conindid, k.condeferrable, k.condeferred, "
		"k.convalidated, {enforced}, {temporal}, c.relnamespace, c.relname, a.attname, "
		"CASE WHEN k.confkey[2] IS NOT NULL THEN ARRAY (SELECT r.attname FROM generate_subscripts(k.confkey, 1) i "
		"JOIN pg_attribute r ON r.attrelid = k.confrelid AND r.attnum = k.confkey[i] ORDER BY i) END, "
		"k.confupdtype, k.confdeltype, {set_columns}, k.confmatchtype "
		"FROM pg_constraint k LEFT JOIN pg_class c ON c.oid = nullif(k.confrelid, 0) "
		"LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.confkey[1] "
		"WHERE k.conrelid = ANY ($1::oid[]) AND k.contype IN ('p', 'u', 'f', 'c', 'x') AND {no_twin}",

	[STATEMENT_INDEXES] =
		"SELECT i.indrelid, c.relname, i.indexrelid, c.relam, i.indisunique, i.indisprimary, i.indisvalid, "
		"{key_count}, i.indkey, i.indclass, i.indcollation, i.indoption, i.indexprs IS NULL AND "
		"i.indpred IS NULL AND c.reloptions IS NULL AND NOT i.indisexclusion, {nulls_not_distinct}, "
		"c.relkind = 'I' "
		"FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
		"WHERE i.indrelid = ANY ($1::oid[])",

	[STATEMENT_COMMENTS] = "SELECT d.objoid, d.objsubid::int2, d.description FROM pg_description d "
						   "WHERE d.objoid = ANY ($1::oid[]) AND d.classoid = 1259",

	[STATEMENT_PARENTS] = "SELECT i.inhrelid, i.inhseqno::int2, c.relnamespace, c.relname FROM pg_inherits i "
						  "JOIN pg_class c ON c.oid = i.inhparent WHERE i.inhrelid = ANY ($1::oid[])",

	[STATEMENT_SEQUENCES] =
		"SELECT s.seqrelid, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, "
		"s.seqcache, s.seqcycle, c.relnamespace, c.relname, a.attname "
		"FROM pg_sequence s LEFT JOIN pg_depend d ON d.classid = 1259 AND d.objid = s.seqrelid AND d.objsubid = 0 "
		"AND d.refclassid = 1259 AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') "
		"LEFT JOIN pg_class c ON c.oid = d.refobjid "
		"LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid "
		"WHERE s.seqrelid = ANY ($1::oid[])",

	[STATEMENT_FOREIGN] = "SELECT f.ftrelid, s.srvname, f.ftoptions FROM pg_foreign_table f "
						  "JOIN pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = ANY ($1::oid[])",

	[STATEMENT_OWNERS] =
		"SELECT c.oid, pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = ANY ($1::oid[])",

	[STATEMENT_BOUNDS] = "SELECT c.oid, pg_get_expr(c.relpartbound, 0) FROM pg_class c "
						 "WHERE c.oid = ANY ($1::oid[]) AND c.relispartition",

	/* Labels are those of an enum, an array of it, a domain over either. */
	[STATEMENT_LABELS] =
		"SELECT w.type, w.modifier, ARRAY (SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = "
		"CASE WHEN u.typcategory = 'A' THEN u.typelem ELSE u.oid END ORDER BY e.enumsortorder) "
		"FROM " TYPES_WITH_BASE " JOIN pg_type v ON "
		"v.oid = CASE WHEN u.typcategory = 'A' THEN u.typelem ELSE u.oid END WHERE v.typtype = 'e'",

	[STATEMENT_TYPES] =
		"SELECT w.type, w.modifier, format_type(w.type, w.modifier), t.typtype = 'd' AND t.typnotnull, "
		"t.typcollation, "
		"CASE WHEN t.typtype = 'd' THEN format_type(b.type, b.modifier) END, "
		"format_type(coalesce(e.type, b.type), NULL), e.type IS NOT NULL FROM " TYPES_WITH_BASE " "
		"LEFT JOIN LATERAL (WITH RECURSIVE element (type, level) AS (SELECT x.oid, 0 FROM pg_type x "
		"WHERE x.oid = u.typelem AND x.typarray = u.oid "
		"UNION ALL SELECT d.typbasetype, element.level + 1 FROM element JOIN pg_type d "
		"ON d.oid = element.type WHERE d.typtype = 'd') "
		"SELECT * FROM element ORDER BY level DESC LIMIT 1) e ON true",

	[STATEMENT_COLLATIONS] =
		"SELECT l.oid, CASE WHEN n.nspname = 'pg_catalog' THEN l.collname::text "
		"ELSE quote_ident(n.nspname) || '.' || quote_ident(l.collname) END "
		"FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace WHERE l.oid = ANY ($1::oid[])",

	[STATEMENT_EXPRESSIONS] =
		"SELECT d.adrelid, 'g'::\"char\", 0::oid, d.adnum, pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d "
		"WHERE d.adrelid = ANY ($1::oid[]) AND strpos(d.adbin::text, '{VAR ') > 0",

	[STATEMENT_CONSTRAINT_TEXTS] =
		"SELECT k.conrelid, 'c'::\"char\", k.oid, 0::int2, pg_get_constraintdef(k.oid) FROM pg_constraint k "
		"WHERE k.conrelid = ANY ($1::oid[]) AND k.contype IN ('c', 'x')",

	[STATEMENT_INDEX_TEXTS] =
		"SELECT i.indrelid, 'i'::\"char\", i.indexrelid, 0::int2, pg_get_indexdef(i.indexrelid) FROM pg_index i "
		"WHERE i.indrelid = ANY ($1::oid[]) "
		"UNION ALL SELECT i.indrelid, 'e', i.indexrelid, n::int2, pg_get_indexdef(i.indexrelid, n, false) "
		"FROM pg_index i, generate_series(1, i.indnatts) n "
		"WHERE i.indrelid = ANY ($1::oid[]) AND i.indkey[n - 1] = 0 "
		"UNION ALL SELECT i.indrelid, 'w', i.indexrelid, 0::int2, pg_get_expr(i.indpred, i.indrelid) "
		"FROM pg_index i WHERE i.indrelid = ANY ($1::oid[]) AND i.indpred IS NOT NULL",

	[STATEMENT_QUERIES] =
		"SELECT c.oid, 'd'::\"char\", 0::oid, 0::int2, pg_get_viewdef(c.oid) FROM pg_class c "
		"WHERE c.oid = ANY ($1::oid[]) AND c.relkind IN ('v', 'm')",

	[STATEMENT_PARTITION_KEYS] =
		"SELECT c.oid, 'k'::\"char\", 0::oid, 0::int2, pg_get_partkeydef(c.oid) FROM pg_class c "
		"WHERE c.oid = ANY ($1::oid[]) AND c.relkind = 'p'",
};

/* The prefix marks this program: a pooled session may have statements of other clients. */
static const char *const names[STATEMENT_COUNT] = {
	[STATEMENT_RELATIONS] = "rivergen_relations",
	[STATEMENT_COLUMNS] = "rivergen_columns",
	[STATEMENT_DEFAULTS] = "rivergen_defaults",
	[STATEMENT_CONSTRAINTS] = "rivergen_constraints",
	[STATEMENT_INDEXES] = "rivergen_indexes",
	[STATEMENT_COMMENTS] = "rivergen_comments",
	[STATEMENT_PARENTS] = "rivergen_parents",
	[STATEMENT_SEQUENCES] = "rivergen_sequences",
	[STATEMENT_FOREIGN] = "rivergen_foreign_tables",
	[STATEMENT_OWNERS] = "rivergen_owners",
	[STATEMENT_BOUNDS] = "rivergen_bounds",
	[STATEMENT_LABELS] = "rivergen_labels",
	[STATEMENT_TYPES] = "rivergen_types",
	[STATEMENT_COLLATIONS] = "rivergen_collations",
	[STATEMENT_EXPRESSIONS] = "rivergen_expressions",
	[STATEMENT_CONSTRAINT_TEXTS] = "rivergen_constraint_texts",
	[STATEMENT_INDEX_TEXTS] = "rivergen_index_texts",
	[STATEMENT_QUERIES] = "rivergen_queries",
	[STATEMENT_PARTITION_KEYS] = "rivergen_partition_keys",
};

/* Returns the variant whose place begins here, or NULL. */
static const Variant *
variant_at(const char *text)
{
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		if (strncmp(text, variants[i].place, strlen(variants[i].place)) == 0)
			return &variants[i];
	return NULL;
}

void
statement_for_version(WireBuffer *sql, const char *text, int version)
{
	while (*text)
	{
		size_t plain = 1 + strcspn(text + 1, "{");
		const Variant *variant = variant_at(text);

		if (variant)
		{
			wire_append_text(sql, version >= variant->since ? variant->newer : variant->older);
			text += strlen(variant->place);
			continue;
		}
		wire_append(sql, text, plain);
		text += plain;
	}
	wire_append(sql, "", 1);
	if (sql->failed)
		give_up_out_of_memory();
}

void
statements_prepare(Session *session)
{
	WireBuffer sql = {0};

	for (int i = 0; i < STATEMENT_COUNT; i++)
	{
		wire_reset(&sql);
		statement_for_version(&sql, statements[i], session->version);
		session_prepare(session, names[i], sql.data);
	}
	wire_free(&sql);
}

void
statements_release(Session *session)
{
	PGresult *failed = NULL;
	char sql[64];

	for (int i = 0; i < STATEMENT_COUNT; i++)
	{
		snprintf(sql, sizeof(sql), "DEALLOCATE %s", names[i]);
		session_ask(session, sql, NULL);
	}
	session_end_batch(session);
	for (int i = 0; i < STATEMENT_COUNT; i++)
		PQclear(session_receive(session, &failed));
	session_receive_end(session);
	PQclear(failed);
}

void
statement_execute(Session *session, Statement statement, const Parameter *parameters, int count)
{
	session_execute(session, names[statement], parameters, count);
}

void
statement_ask(Session *session, Statement statement, const Parameter *parameters, int count)
{
	WireBuffer sql = {0};

	statement_for_version(&sql, statements[statement], session->version);
	session_ask_all(session, sql.data, parameters, count);
	wire_free(&sql);
}
