/*
 * sample_identity.c — a name may belong to another relation since the discovery: two tables swapped names, or
 * one was replaced. Its values would be stored for the wrong relation. So only the discovered relation is
 * read, and only under the name it had then: the source's patterns may hide it under another.
 */
#include <stddef.h>

#include "connectors/postgresql/rows.h"
#include "connectors/postgresql/sample_identity.h"

#define AGAIN "; discover the data source again"

static const char *
meaning_of(char answer)
{
	switch (answer)
	{
		case 'r':
			return "it has another name now" AGAIN;
		case 'o':
			return "another one has its name now" AGAIN;
		case 'g':
			return "it is no longer in the data source";
		default:
			return NULL;
	}
}

const char *
sample_identity(Session *session, const SampledRelation *relation)
{
	static const char sql[] =
		"SELECT CASE WHEN n.id = $3::pg_catalog.oid THEN 's' "
		"WHEN EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = $3::pg_catalog.oid) THEN 'r' "
		"WHEN n.id IS NOT NULL THEN 'o' ELSE 'g' END "
		"FROM (SELECT (SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s "
		"ON s.oid = c.relnamespace WHERE s.nspname = $1 AND c.relname = $2) AS id) n";
	Parameter parameters[] = {
		{.value = relation->schema}, {.value = relation->name}, {.value = relation->id}};
	PGresult *failed = NULL;
	PGresult *result;
	const char *reason;

	if (relation->id == NULL)
		return NULL;
	if (id_of_text(relation->id) == 0)
		return meaning_of('g');
	session_ask_all(session, sql, parameters, 3);
	session_end_batch(session);
	result = session_receive(session, &failed);
	session_receive_end(session);
	reason = result && PQntuples(result) == 1 ? meaning_of(row_char(result, 0, 0)) : NULL;
	PQclear(result);
	PQclear(failed);
	return reason;
}
