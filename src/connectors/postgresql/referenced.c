/*
 * referenced.c — the relations of other schemas that foreign keys, children, partitions and views of one
 * schema name. The server knows them by their oids, so that a key whose table was renamed counts as
 * unchanged.
 */
#include "connectors/common/emit.h"
#include "connectors/postgresql/referenced.h"
#include "connectors/postgresql/rows.h"

enum
{
	REFERENCED_SCHEMA,
	REFERENCED_NAME,
	REFERENCED_ID,
};

void
emit_referenced_relations(Session *session, const char *schema)
{
	static const char sql[] =
		"WITH inside AS (SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
		"ON n.oid = c.relnamespace WHERE n.nspname = $1) "
		"SELECT n.nspname, c.relname, c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n "
		"ON n.oid = c.relnamespace WHERE n.nspname <> $1 AND n.nspname NOT IN ('pg_catalog', 'pg_toast') "
		"AND c.oid IN ("
		"SELECT k.confrelid FROM pg_catalog.pg_constraint k JOIN inside i ON i.oid = k.conrelid "
		"WHERE k.contype = 'f' "
		"UNION SELECT h.inhparent FROM pg_catalog.pg_inherits h JOIN inside i ON i.oid = h.inhrelid "
		"UNION SELECT d.refobjid FROM pg_catalog.pg_rewrite w JOIN inside i ON i.oid = w.ev_class "
		"JOIN pg_catalog.pg_depend d ON d.objid = w.oid "
		"AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass "
		"AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)";
	Parameter parameter = {.value = schema};
	PGresult *failure = NULL;
	PGresult *result;
	IdText id;

	/* If it may not be read no frame is sent, which means nothing to the server. */
	session_begin_apart(session);
	session_ask_all(session, sql, &parameter, 1);
	session_end_apart(session);
	session_receive_begin_apart(session);
	result = session_receive(session, &failure);
	session_receive_end_apart(session);
	PQclear(failure);
	for (int row = 0; row < PQntuples(result); row++)
		emit_referenced(row_name(result, row, REFERENCED_SCHEMA), row_name(result, row, REFERENCED_NAME),
						id_text(row_oid(result, row, REFERENCED_ID), id));
	PQclear(result);
}
