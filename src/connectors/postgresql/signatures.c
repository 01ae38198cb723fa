/*
 * signatures.c — reading signatures and comparing them with the known ones.
 *
 * Why they can be trusted. xmin is the transaction that made a row version, and nothing but a change makes a
 * new version: freezing leaves xmin readable (since 9.4), and VACUUM, ANALYZE and CREATE INDEX update their
 * counters in pg_class in place. Hashes of (catalog, object, xmin) are added up, so the order of the rows
 * does not matter, and a row that comes, goes or changes moves the sum by a 64-bit number that nobody
 * chooses.
 *
 * Transaction ids repeat after 2^32. A change is overlooked only if the new version's id equals the old
 * one's, which takes exactly 2^32 transactions between them; every 2^32 the source's signature moves as well.
 *
 * Equal ids mean equal versions only within one history of one cluster. So the source's signature names the
 * cluster, the database, the timeline (promotion, recovery to a point in time) and the start of the server (a
 * copy of the files that was started beside or instead of the original).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/postgresql/signatures.h"
#include "connectors/postgresql/statements.h"
#include "connectors/postgresql/version.h"

/* To be raised when the same catalogs make another document within one version of the connector. */
#define DOCUMENT_FORMAT "2"

/* hash_array_extended, hashtextextended and hash_numeric_extended. */
#define LEAST_VERSION 110000

/* Rows of one fetch: some hundred kilobytes. */
#define FETCH_ROWS     5000
#define FETCH_ROWS_SQL "5000"

/* A whole catalog, for those that change seldom; none of its rows is looked at more closely. */
#define CATALOG(name, condition)                                                                             \
	"(SELECT sum(hashtextextended(t.xmin::text, t.oid::int8)) FROM " name " t WHERE " condition "), "

/*
 * Members of a concatenation that leaves nulls out, hence the labels in between. Row types of tables are not
 * here but in the signatures of the relations that use them. The parameters are the patterns of scope.h.
 */
static const char source_sql[] =
	"SELECT md5(concat_ws(' ', (SELECT system_identifier FROM pg_control_system()), pg_postmaster_start_time(), "
	"CASE WHEN pg_is_in_recovery() THEN 'standby ' || (SELECT min_recovery_end_timeline FROM pg_control_recovery()) "
	"ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END, "
	"(SELECT oid FROM pg_database WHERE datname = current_database()), version(), current_user, "
	"txid_snapshot_xmax(txid_current_snapshot()) >> 32, "
	"'patterns', $1::text, $2::text, $3::text, $4::text, "
	"'schemas', " CATALOG("pg_namespace", "t.nspname !~ '^pg_(toast_)?temp_'") "'types', " CATALOG(
		"pg_type",
		"t.typtype <> 'c' AND t.typcategory <> 'A'") "'domains', (SELECT sum(hashtextextended(b.xmin::text, d.oid::int8)) FROM pg_type d "
													 "JOIN pg_type b ON b.oid = d.typbasetype WHERE d.typtype = 'd'), "
													 "'labels', " CATALOG("pg_enum", "true") "'collations', " CATALOG("pg_collation", "true") "'operators', " CATALOG("pg_operator", "true") "'classes', " CATALOG(
														 "pg_opclass",
														 "true") "'methods', " CATALOG("pg_am",
																					   "true") "'configurations', " CATALOG("pg_ts_config",
																															"true") "'dictionaries', " CATALOG("pg_ts_dict",
																																							   "true") "'servers', " CATALOG("pg_foreign_server",
																																															 "true") "'end'))";

/* One row of a catalog. object tells rows of one relation and catalog apart. */
#define HASH(row, catalog, object)                                                                           \
	"hashtextextended(" row ".xmin::text, (" object ")::int8 * 65536 + " catalog ")"

/*
 * own: the rows of pg_class and pg_attribute, of every relation, since others show its name and its columns'
 * names. used: which relations, functions and row types a relation's defaults, keys, rules, indexes and
 * columns name, and which column owns a sequence. Functions count with their row only, so replacing one that
 * a default calls makes a table be read, and replacing any other does not. The numbers are oids of catalogs:
 * 1247 pg_type, 1255 pg_proc, 1259 pg_class, 2604 pg_attrdef, 2606 pg_constraint, 2618 pg_rewrite.
 */
static const char
	declare_sql[] = "DECLARE signatures NO SCROLL CURSOR FOR WITH own (relation, hash) AS ("
					"SELECT v.relation, hash_numeric_extended(sum(v.hash), 0) FROM ("
					"SELECT c.oid, " HASH(
						"c",
						"1259", "0") " FROM pg_class c "
									 "UNION ALL SELECT a.attrelid, " HASH(
										 "a",
										 "1249", "a.attnum") " FROM pg_attribute a WHERE a.attnum > 0"
															 ") v (relation, hash) GROUP BY v.relation), "
															 "used (relation, class, object, part) AS ("
															 "SELECT coalesce(d.adrelid, k.conrelid, w.ev_class, i.indrelid, p.objid), p.refclassid, p.refobjid, p.refobjsubid "
															 "FROM pg_depend p LEFT JOIN pg_attrdef d ON p.classid = 2604 AND d.oid = p.objid "
															 "LEFT JOIN pg_constraint k ON p.classid = 2606 AND k.oid = p.objid "
															 "LEFT JOIN pg_rewrite w ON p.classid = 2618 AND w.oid = p.objid "
															 "LEFT JOIN pg_index i ON p.classid = 1259 AND i.indexrelid = p.objid "
															 "WHERE p.classid IN (2604, 2606, 2618, 1259) AND p.refclassid IN (1247, 1255, 1259) AND (p.deptype = 'n' OR "
															 "(p.classid = 1259 AND p.objsubid = 0 AND p.refclassid = 1259 AND p.refobjsubid > 0))) "
															 "SELECT c.oid, c.relname, c.relnamespace, hash_numeric_extended(s.hash, "
															 "hashtextextended(pg_get_userbyid(c.relowner)::text, 0)), "
															 "CASE WHEN c.relkind IN ('r', 'm', 'p', 'f') AND {analysed} THEN c.reltuples::int8 END, "
															 "CASE WHEN c.relkind IN ('r', 'm') AND {analysed} "
															 "THEN (c.relpages::int8 & 4294967295) * current_setting('block_size')::int8 END "
															 "FROM (SELECT r.relation, sum(r.hash) AS hash FROM ("
															 "SELECT * FROM own "
															 "UNION ALL SELECT t.adrelid, " HASH("t", "2604", "t.adnum") " FROM pg_attrdef t "
																														 "UNION ALL SELECT t.conrelid, " HASH("t", "2606", "t.oid") " FROM pg_constraint t "
																																													"UNION ALL SELECT t.indrelid, " HASH("t", "2610", "t.indexrelid") " FROM pg_index t "
																																																													  "UNION ALL SELECT t.indrelid, " HASH("x", "1259", "t.indexrelid") " FROM pg_index t "
																																																																														"JOIN pg_class x ON x.oid = t.indexrelid "
																																																																														"UNION ALL SELECT t.objoid, " HASH("t", "2609", "t.objsubid") " FROM pg_description t WHERE t.classoid = 1259 "
																																																																																													  "UNION ALL SELECT t.inhrelid, " HASH("t", "2611", "t.inhseqno") " FROM pg_inherits t "
																																																																																																													  "UNION ALL SELECT t.inhrelid, " HASH("x",
																																																																																																																						   "2611",
																																																																																																																						   "x.oid") " FROM pg_inherits t JOIN pg_class x ON x.oid = t.inhparent "
																																																																																																																									"UNION ALL SELECT t.ev_class, " HASH(
																																																																																																																										"t",
																																																																																																																										"2618", "t.oid") " FROM pg_rewrite t "
																																																																																																																														 "UNION ALL SELECT t.seqrelid, " HASH("t",
																																																																																																																																							  "2224", "0") " FROM pg_sequence t "
																																																																																																																																										   "UNION ALL SELECT t.ftrelid, " HASH(
																																																																																																																																											   "t", "3118",
																																																																																																																																											   "0") " FROM pg_foreign_table t "
																																																																																																																																													"UNION ALL SELECT t.partrelid, " HASH("t",
																																																																																																																																																						  "3350",
																																																																																																																																																						  "0") " FROM pg_partitioned_table t "
																																																																																																																																																							   "UNION ALL SELECT u.relation, hashint8extended(u.object::int8, u.part) FROM used u "
																																																																																																																																																							   "UNION ALL SELECT u.relation, o.hash FROM used u JOIN own o ON o.relation = u.object WHERE u.class = 1259 "
																																																																																																																																																							   "UNION ALL SELECT u.relation, " HASH(
																																																																																																																																																								   "f", "1255", "u.object") " FROM used u JOIN pg_proc f ON f.oid = u.object "
																																																																																																																																																															"WHERE u.class = 1255 "
																																																																																																																																																															"UNION ALL SELECT u.relation, " HASH(
																																																																																																																																																																"y", "1247", "u.object") " FROM used u JOIN pg_type y ON y.oid = u.object "
																																																																																																																																																																						 "WHERE u.class = 1247"
																																																																																																																																																																						 ") r (relation, hash) GROUP BY r.relation) s JOIN pg_class c ON c.oid = s.relation "
																																																																																																																																																																						 "JOIN pg_namespace n ON n.oid = c.relnamespace "
																																																																																																																																																																						 "WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND " IN_SCOPE
																																																																																																																																																																						 " AND " RELATION_SELECTED;

/* The catalogs are read whole, but may be without statistics, which makes planners try loops. */
static const char whole_read_settings_sql[] =
	SET_LOCAL("('enable_nestloop', 'off'), ('enable_mergejoin', 'off'), ('enable_bitmapscan', 'off')");

static const char fetch_sql[] = "FETCH " FETCH_ROWS_SQL " FROM signatures";

enum
{
	SIGNED_RELATION,
	SIGNED_NAME,
	SIGNED_SCHEMA,
	SIGNED_HASH,
	SIGNED_ROW_ESTIMATE,
	SIGNED_SIZE
};

/* ---- lists ---- */

static void
add(SignatureList *list, Signature signature)
{
	if (list->count == list->capacity)
	{
		list->capacity = list->capacity ? list->capacity * 2 : 1024;
		list->items = reallocate(list->items, list->capacity * sizeof(Signature));
	}
	list->items[list->count++] = signature;
}

static int
compare(const void *a, const void *b)
{
	ObjectId left = ((const Signature *) a)->relation;
	ObjectId right = ((const Signature *) b)->relation;

	return (left > right) - (left < right);
}

static void
order(SignatureList *list)
{
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(Signature), compare);
}

static const Signature *
find(const SignatureList *list, ObjectId relation)
{
	Signature key = {.relation = relation};

	return list->count > 0 ? bsearch(&key, list->items, list->count, sizeof(Signature), compare) : NULL;
}

/* ---- what is known ---- */

/* False for what this connector cannot have written. */
static bool
parse_known(WireSpan pair, Signature *signature)
{
	WireSpan element;
	SignatureText text;
	int64_t relation;
	char *end;

	if (!wire_array_next(&pair, &element) || !wire_integer(element, &relation) || relation < 0 ||
		relation > UINT32_MAX)
		return false;
	if (!wire_array_next(&pair, &element) ||
		wire_string(element, text, sizeof(text)) != sizeof(SignatureText) - 1)
		return false;
	*signature = (Signature){.relation = (ObjectId) relation, .hash = strtoull(text, &end, 16)};
	return *end == '\0';
}

static void
take_known(SignatureList *known, const char *relations)
{
	WireSpan rest = {relations, relations ? strlen(relations) : 0};
	WireSpan pair;
	Signature signature;

	while (wire_array_next(&rest, &pair))
		if (parse_known(pair, &signature))
			add(known, signature);
	order(known);
}

/* ---- reading ---- */

/*
 * In a savepoint: a server may withhold some of what is asked for here, and then there are no signatures,
 * which is no failure.
 */
static void
read_source(Signatures *signatures, Session *session, const Scope *scope)
{
	PGresult *failure = NULL;
	PGresult *result;

	session_ask(session, "SAVEPOINT signatures", NULL);
	session_ask_all(session, source_sql, scope->parameters + 1, SCOPE_PARAMETERS - 1);
	session_end_batch(session);
	session_ask(session, "ROLLBACK TO SAVEPOINT signatures", NULL);
	session_end_batch(session);
	PQclear(session_receive(session, NULL));
	result = session_receive(session, &failure);
	session_receive_end(session);
	PQclear(session_receive(session, NULL));
	session_receive_end(session);
	if (result && PQntuples(result) == 1)
	{
		char text[256];

		snprintf(text, sizeof(text), "%s/" DOCUMENT_FORMAT "/%.32s", CONNECTOR_VERSION,
				 row_name(result, 0, 0));
		signatures->source = copy_text(text);
	}
	PQclear(result);
	PQclear(failure);
}

static void
emit_as_unchanged(const PGresult *result, int row, ObjectId id, const Vocabulary *vocabulary)
{
	RelationFrame frame = {
		.schema = schema_name(vocabulary, row_oid(result, row, SIGNED_SCHEMA)),
		.name = row_name(result, row, SIGNED_NAME),
		.native_id = id,
		.row_estimate = row_is_null(result, row, SIGNED_ROW_ESTIMATE)
							? ABSENT
							: row_int8(result, row, SIGNED_ROW_ESTIMATE),
		.size_bytes = row_is_null(result, row, SIGNED_SIZE) ? ABSENT : row_int8(result, row, SIGNED_SIZE),
	};

	emit_unchanged(&frame);
}

static void
take_row(Signatures *signatures, const SignatureList *known, const PGresult *result, int row,
		 const Vocabulary *vocabulary)
{
	Signature signature = {.relation = row_oid(result, row, SIGNED_RELATION),
						   .hash = (uint64_t) row_int8(result, row, SIGNED_HASH)};
	const Signature *before = signatures->trusted ? find(known, signature.relation) : NULL;

	if (before && before->hash == signature.hash)
	{
		emit_as_unchanged(result, row, signature.relation, vocabulary);
		signatures->unchanged++;
		return;
	}
	add(&signatures->present, signature);
	wire_append_text(&signatures->changed, signatures->changed.length == 0 ? "{" : ",");
	wire_append_integer(&signatures->changed, signature.relation);
}

static void
ask_rows(Session *session, const Scope *scope)
{
	WireBuffer sql = {0};

	statement_for_version(&sql, declare_sql, session->version);
	session_ask(session, whole_read_settings_sql, NULL);
	session_ask_all(session, sql.data, scope->parameters, SCOPE_PARAMETERS);
	session_ask(session, fetch_sql, NULL);
	session_end_batch(session);
	wire_free(&sql);
}

static PGresult *
receive_rows(Session *session)
{
	PGresult *result = session_receive(session, NULL);

	session_receive_end(session);
	return result;
}

static void
read_relations(Signatures *signatures, Session *session, const Scope *scope, const SignatureList *known,
			   const Vocabulary *vocabulary)
{
	PGresult *result;
	bool more = true;

	ask_rows(session, scope);
	PQclear(session_receive(session, NULL));
	PQclear(session_receive(session, NULL));
	while (more)
	{
		result = receive_rows(session);
		more = PQntuples(result) == FETCH_ROWS;
		if (more)
		{
			/* The server goes on while these are compared. */
			session_ask(session, fetch_sql, NULL);
			session_end_batch(session);
		}
		for (int row = 0; row < PQntuples(result); row++)
			take_row(signatures, known, result, row, vocabulary);
		PQclear(result);
	}
	order(&signatures->present);
	wire_append_text(&signatures->changed, signatures->changed.length == 0 ? "{}" : "}");
	wire_append(&signatures->changed, "", 1);
	if (signatures->changed.failed)
		give_up_out_of_memory();
}

void
signatures_read(Signatures *signatures, Session *session, const Request *request, const Scope *scope,
				const Vocabulary *vocabulary)
{
	SignatureList known = {0};

	*signatures = (Signatures){0};
	if (!request->signatures || session->version < LEAST_VERSION)
		return;
	emit_progress("compare", ABSENT);
	read_source(signatures, session, scope);
	if (signatures->source == NULL)
		return;
	signatures->trusted =
		request->known_signature != NULL && strcmp(request->known_signature, signatures->source) == 0;
	if (signatures->trusted)
		take_known(&known, request->known_relations);
	read_relations(signatures, session, scope, &known, vocabulary);
	free(known.items);
}

const char *
signatures_changed(const Signatures *signatures)
{
	return signatures->trusted ? signatures->changed.data : NULL;
}

const char *
signature_of(const Signatures *signatures, ObjectId relation, SignatureText *text)
{
	const Signature *signature = find(&signatures->present, relation);

	if (signature == NULL)
		return NULL;
	snprintf(*text, sizeof(*text), "%016" PRIx64, signature->hash);
	return *text;
}
