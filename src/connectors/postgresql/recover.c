/*
 * recover.c — what happens after a statement fails.
 *
 * It may fail because of one object: another session holds a lock, a function or library that a default calls
 * is gone, a text has no equivalent in UTF-8. So each object is asked about alone. Its texts are then read as
 * raw bytes, and bytes that are not UTF-8 become U+FFFD when they are written.
 *
 * Or it fails for every object, because the user may not read a catalog or call a function. The statement is
 * then asked about no object at all. If it still fails, it is denied and not used again, and documents name
 * the members that they lack for this reason.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/postgresql/recover.h"

#define EMPTY "{}"

static PGresult *
ask_alone(Session *session, Statement statement, const Parameter *parameters, int count, bool raw,
		  PGresult **failure)
{
	PGresult *result;

	session_begin_apart(session);
	if (raw)
		session_ask(session, raw_texts_sql, NULL);
	statement_execute(session, statement, parameters, count);
	session_end_apart(session);

	*failure = NULL;
	session_receive_begin_apart(session);
	if (raw)
		PQclear(session_receive(session, NULL));
	result = session_receive(session, failure);
	session_receive_end_apart(session);
	return result;
}

static bool
has_state(const PGresult *failure, const char *sqlstate)
{
	const char *found = PQresultErrorField(failure, PG_DIAG_SQLSTATE);

	return found && strcmp(found, sqlstate) == 0;
}

/* character_not_in_repertoire, untranslatable_character */
static bool
is_about_characters(const PGresult *failure)
{
	return has_state(failure, "22021") || has_state(failure, "22P05");
}

/* Messages about dropped objects have only a number, which means nothing to the reader. */
static bool
names_by_number(const PGresult *failure, const char *message)
{
	const char *word = strcasestr(message, "OID ");

	/* internal_error: cache lookups */
	return has_state(failure, "XX000") || (word && isdigit((unsigned char) word[strlen("OID ")]));
}

static char *
reason_of(const PGresult *failure)
{
	const char *message = PQresultErrorField(failure, PG_DIAG_MESSAGE_PRIMARY);

	/* lock_not_available */
	if (has_state(failure, "55P03"))
		return copy_text("it, or something it depends on, is locked by another session");
	if (message && names_by_number(failure, message))
		return copy_text("something that it depends on is missing from the server's catalogs");
	return copy_text(message ? message : "the server could not describe it");
}

/* Without these statements there is nothing to describe. */
static bool
is_essential(Statement statement)
{
	return statement == STATEMENT_RELATIONS || statement == STATEMENT_COLUMNS || statement == STATEMENT_TYPES;
}

static void
deny(Discovery *discovery, Statement statement, const PGresult *failure)
{
	char message[512];
	char *reason = reason_of(failure);

	if (is_essential(statement))
		session_give_up(failure);
	discovery->denied[statement] = true;
	snprintf(message, sizeof(message), "Documents lack members that the server withholds: %s", reason);
	emit_log("warning", message);
	free(reason);
}

/* Denies the statement if it fails even when asked about no object. */
static bool
is_denied(Discovery *discovery, Statement statement, int parameters)
{
	static const Parameter nothing[] = {{.value = EMPTY}, {.value = EMPTY}};
	PGresult *failure;

	if (discovery->denied[statement])
		return true;
	PQclear(ask_alone(&discovery->session, statement, nothing, parameters, false, &failure));
	if (failure)
		deny(discovery, statement, failure);
	PQclear(failure);
	return discovery->denied[statement];
}

PGresult *
recover_object(Discovery *discovery, Statement statement, const Parameter *parameters, int count,
			   char **reason)
{
	Session *session = &discovery->session;
	PGresult *failure;
	PGresult *rows;

	if (discovery->denied[statement])
		return NULL;
	/* Each attempt may wait for a lock; the server must not take this for silence. */
	emit_progress("read", ABSENT);
	rows = ask_alone(session, statement, parameters, count, false, &failure);
	if (is_about_characters(failure))
	{
		PQclear(failure);
		rows = ask_alone(session, statement, parameters, count, true, &failure);
	}
	if (failure && !is_denied(discovery, statement, count) && reason)
		*reason = reason_of(failure);
	PQclear(failure);
	return rows;
}

static void
append_row(PGresult *rows, const PGresult *more, int row)
{
	int at = PQntuples(rows);

	for (int column = 0; column < PQnfields(more); column++)
		if (!PQsetvalue(rows, at, column, PQgetvalue(more, row, column),
						PQgetisnull(more, row, column) ? -1 : PQgetlength(more, row, column)))
			give_up_out_of_memory();
}

/* Returns both together; takes them over. */
static PGresult *
join_rows(PGresult *rows, PGresult *more)
{
	if (rows == NULL)
		return more;
	for (int row = 0; row < PQntuples(more); row++)
		append_row(rows, more, row);
	PQclear(more);
	return rows;
}

PGresult *
recover_rows(Discovery *discovery, Chunk *chunk, Statement statement, const ObjectId *relations, int count)
{
	PGresult *rows = NULL;
	char id[24];
	Parameter parameter = {.value = id};

	if (is_denied(discovery, statement, 1))
		return NULL;
	for (int i = 0; i < count; i++)
	{
		char *reason = NULL;

		snprintf(id, sizeof(id), "{%u}", relations[i]);
		rows = join_rows(rows, recover_object(discovery, statement, &parameter, 1, &reason));
		if (reason)
			chunk_add_failure(chunk, relations[i], reason);
	}
	return rows;
}
