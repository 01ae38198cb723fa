#include "connectors/postgresql/often.h"
#include "connectors/postgresql/settings.h"

/* A prepared statement is planned once. */
static const char settings_sql[] =
	SETTINGS_SQL(OWN_NAMES ", ('plan_cache_mode', 'force_generic_plan'), " OF_ROWS OF_LOCKS);

/* What each transaction, also of a caller's query, would set: then it finds the values there. */
static const char session_settings_sql[] = SETTINGS_SQL_UNTIL_END_OF("false", OF_ROWS);

/*
 * A row for each of the columns $4, or one row without a column. Pages are sampled by chance: half as many
 * again as are needed, for they are filled unevenly, and thirty more, for of a few pages none may be chosen.
 * Few joins: a new connection plans the statement before it reads. OFFSET: what is of the relation is found
 * once, and not for each column. All results are texts, so that they are
 * the same bytes in every format (again.h).
 */
#define FIND_SQL(condition)                                                                                  \
	"SELECT c.id, c.qualified, c.is_same, c.sampled, a.attname::text, quote_ident(a.attname), "              \
	"c.process, c.lockable FROM (SELECT c.oid, c.oid::text AS id, "                                          \
	"c.relnamespace::regnamespace::text || '.' || quote_ident(c.relname) AS qualified, "                     \
	"(c.relnamespace::regnamespace::text = quote_ident($1::text) AND c.relname = $2::text)::text "           \
	"AS is_same, "                                                                                           \
	"CASE WHEN c.relkind IN ('r', 'm') AND NOT c.relhassubclass AND c.reltuples > 4 * $5::int8 "             \
	"THEN least(greatest(round((150 * $5::int8 / c.reltuples + 3000.0 / greatest(c.relpages, 1))::numeric, " \
	"6), 0.000001), 100)::text END AS sampled, "                                                             \
	"CASE WHEN c.relkind IN ('r', 'p', 'm') AND NOT c.relrowsecurity THEN pg_backend_pid()::text END "       \
	"AS process, "                                                                                           \
	"CASE WHEN c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'SELECT') THEN 'true' END "            \
	"AS lockable FROM pg_class c WHERE c.oid = " condition " OFFSET 0) c "                                   \
	"LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "                \
	"AND a.attname::text = ANY ($4::text[])"

#define ID_OF_NAME                                                                                           \
	"(SELECT r.oid FROM pg_class r JOIN pg_namespace n ON n.oid = r.relnamespace "                           \
	"WHERE n.nspname = $1::text AND r.relname = $2::text)"

/* Of the columns $4, below domains. Nondeterministic collations came with PostgreSQL 12. */
#define TYPES_SQL                                                                                            \
	"SELECT a.attname::text, format_type(b.oid, NULL), (b.typtype = 'e')::text, "                            \
	"coalesce((SELECT (to_jsonb(l) ->> 'collisdeterministic')::bool FROM pg_collation l "                    \
	"WHERE l.oid = a.attcollation), true)::text FROM pg_attribute a "                                        \
	"CROSS JOIN LATERAL (WITH RECURSIVE base (oid, level) AS (SELECT a.atttypid, 0 UNION ALL "               \
	"SELECT t.typbasetype, base.level + 1 FROM base JOIN pg_type t ON t.oid = base.oid "                     \
	"WHERE t.typtype = 'd') SELECT u.oid, u.typtype FROM base JOIN pg_type u ON u.oid = base.oid "           \
	"ORDER BY level DESC LIMIT 1) b WHERE a.attrelid = coalesce($3::oid, " ID_OF_NAME ") "                   \
	"AND a.attnum > 0 AND NOT a.attisdropped AND a.attname::text = ANY ($4::text[])"

static const struct
{
	const char *name;
	const char *sql;
} statements[OFTEN_COUNT] = {
	[OFTEN_SETTINGS] = {"rivergen_settings", settings_sql},
	[OFTEN_FIND_BY_ID] = {"rivergen_find_by_id", FIND_SQL("$3::oid")},
	[OFTEN_FIND_BY_NAME] = {"rivergen_find_by_name", FIND_SQL(ID_OF_NAME " AND $3::text IS NULL")},
	[OFTEN_TYPES] = {"rivergen_types", TYPES_SQL},
};

void
often_ask(Session *session, OftenStatement statement, const Parameter *parameters, int count)
{
	if (session->has_prepared)
		session_execute(session, statements[statement].name, parameters, count);
	else
		session_ask_all(session, statements[statement].sql, parameters, count);
}

const char *
often_name(OftenStatement statement)
{
	return statements[statement].name;
}

bool
often_ask_prepared(PGconn *connection)
{
	if (!PQsendQueryParams(connection, session_settings_sql, 0, NULL, NULL, NULL, NULL, 1))
		return false;
	for (int i = 0; i < OFTEN_COUNT; i++)
		if (!PQsendPrepare(connection, statements[i].name, statements[i].sql, 0, NULL))
			return false;
	return true;
}
