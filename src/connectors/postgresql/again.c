#include "connectors/postgresql/again.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/postgresql/reading.h"
#include "connectors/postgresql/settings.h"

/* The server may be slow with the first row. After this silence the wait counts as one for rows. */
#define SILENCE_MILLISECONDS 500

/* Set within a prepared statement, the path would make the server parse and plan that statement each time. */
#define PATH_SQL "; SET LOCAL search_path = pg_catalog, pg_temp"

/* BEGIN, SET, the settings and the lock. */
#define STATEMENTS_BEFORE 4

static struct
{
	char *question; /* NULL: nothing is known */
	Found found;
} known;

/* ---- what is known ---- */

/* NULL and an empty text differ. */
static char *
text_of(const FoundQuestion *question)
{
	WireBuffer text = {0};

	wire_append_integer(&text, question->find);
	wire_append_text(&text, question->has_types ? "t" : "");
	for (int i = 0; i < FOUND_PARAMETERS; i++)
	{
		const char *value = question->parameters[i].value;

		wire_append_text(&text, value != NULL ? "\n=" : "\n");
		wire_append_text(&text, value != NULL ? value : "");
	}
	wire_append(&text, "", 1);
	if (text.failed)
		give_up_out_of_memory();
	return text.data;
}

const Found *
again_keep(const FoundQuestion *question, Found found)
{
	free(known.question);
	PQclear(known.found.relation);
	PQclear(known.found.types);
	known.question = text_of(question);
	known.found = found;
	return &known.found;
}

const Found *
again_known(const Session *session, const FoundQuestion *question)
{
	char *text;
	bool is_same;

	if (!session->has_prepared || known.question == NULL)
		return NULL;
	text = text_of(question);
	is_same = strcmp(text, known.question) == 0;
	free(text);
	return is_same ? &known.found : NULL;
}

/* ---- the question in one message ---- */

static void
add_literal(WireBuffer *sql, PGconn *connection, const char *value)
{
	char *literal = value != NULL ? PQescapeLiteral(connection, value, strlen(value)) : NULL;

	if (value != NULL && literal == NULL)
		give_up_out_of_memory();
	wire_append_text(sql, value != NULL ? literal : "NULL");
	PQfreemem(literal);
}

static void
add_statement(WireBuffer *sql, PGconn *connection, OftenStatement statement, const Parameter *parameters,
			  int count)
{
	wire_append_text(sql, "; EXECUTE ");
	wire_append_text(sql, often_name(statement));
	for (int i = 0; i < count; i++)
	{
		wire_append_text(sql, i == 0 ? "(" : ", ");
		add_literal(sql, connection, parameters[i].value);
	}
	wire_append_text(sql, ")");
}

static void
send(Session *session, const FoundQuestion *question, const char *lock, const char *copy)
{
	PGconn *connection = session->connection;
	LockTimeout lock_timeout;
	Parameter locks = {.value = reading_lock_timeout(session, lock_timeout)};
	WireBuffer sql = {0};

	wire_append_text(&sql, BEGIN_ROWS_SQL);
	wire_append_text(&sql, PATH_SQL);
	add_statement(&sql, connection, OFTEN_SETTINGS, &locks, 1);
	wire_append_text(&sql, "; ");
	wire_append_text(&sql, lock);
	add_statement(&sql, connection, question->find, question->parameters, FOUND_PARAMETERS);
	if (question->has_types)
		add_statement(&sql, connection, OFTEN_TYPES, question->parameters, FOUND_PARAMETERS - 1);
	wire_append_text(&sql, "; ");
	wire_append(&sql, copy, strlen(copy) + 1);
	if (sql.failed)
		give_up_out_of_memory();
	reading_send_all(session, sql.data);
	wire_free(&sql);
}

/* ---- the answers ---- */

static bool
is_same_value(const PGresult *one, const PGresult *other, int row, int column)
{
	return PQgetisnull(one, row, column) == PQgetisnull(other, row, column) &&
		   PQgetlength(one, row, column) == PQgetlength(other, row, column) &&
		   memcmp(PQgetvalue(one, row, column), PQgetvalue(other, row, column),
				  (size_t) PQgetlength(one, row, column)) == 0;
}

static bool
is_same(const PGresult *one, const PGresult *other)
{
	bool same = PQntuples(one) == PQntuples(other) && PQnfields(one) == PQnfields(other);

	for (int row = 0; same && row < PQntuples(one); row++)
		for (int column = 0; same && column < PQnfields(one); column++)
			same = is_same_value(one, other, row, column);
	return same;
}

/* expected NULL: any result will do, as long as the statement did not fail. */
static bool
receive(Session *session, const PGresult *expected)
{
	PGresult *result = reading_next_result(session, NULL);
	ExecStatusType status = PQresultStatus(result);
	bool fine = (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) &&
				(expected == NULL || is_same(result, expected));

	PQclear(result);
	return fine;
}

static bool
receive_beginning_of_rows(Session *session)
{
	PGresult *result = reading_next_result(session, NULL);
	bool fine = PQresultStatus(result) == PGRES_COPY_OUT;

	PQclear(result);
	return fine;
}

static bool
receive_all(Session *session, bool has_types)
{
	for (int i = 0; i < STATEMENTS_BEFORE; i++)
		if (!receive(session, NULL))
			return false;
	return receive(session, known.found.relation) && (!has_types || receive(session, known.found.types)) &&
		   receive_beginning_of_rows(session);
}

bool
again_ask(Session *session, const FoundQuestion *question, const char *lock, const char *copy)
{
	send(session, question, lock, copy);
	if (reading_is_silent(session, SILENCE_MILLISECONDS))
		reading_announce(session);
	if (receive_all(session, question->has_types))
	{
		reading_announce(session);
		return true;
	}
	reading_start_over(session);
	return false;
}
