#include "connectors/cassandra/cells.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

/* A text that has a NUL in it, which no name has, ends there. */
static char *
words_text(Bytes value)
{
	Body body = body_of(value.bytes, value.length);
	WireBuffer words = {0};

	for (int32_t count = body_int(&body); count > 0 && !body.is_broken; count--)
	{
		Bytes word = body_value(&body);

		wire_append(&words, " ", words.length > 0);
		wire_append(&words, (const char *) word.bytes, word.length);
	}
	wire_append(&words, "", 1);
	if (words.failed)
		give_up_out_of_memory();
	return words.data;
}

static char *
member_text(Bytes value, const char *name)
{
	Body body = body_of(value.bytes, value.length);

	for (int32_t count = body_int(&body); count > 0 && !body.is_broken; count--)
	{
		Bytes key = body_value(&body);
		Bytes member = body_value(&body);

		if (bytes_are(key, name))
			return bytes_text(member);
	}
	return NULL;
}

static char *
integer_text(Bytes value)
{
	Body body = body_of(value.bytes, value.length);
	char text[16];

	snprintf(text, sizeof(text), "%" PRId32, body_int(&body));
	return copy_text(text);
}

static char *
cell_text(Bytes value, const Cell *cell)
{
	if (value.bytes == NULL)
		return NULL;
	switch (cell->form)
	{
		case CELL_INTEGER:
			return integer_text(value);
		case CELL_BOOLEAN:
			return value.length == 1 && value.bytes[0] != 0 ? copy_text("true") : NULL;
		case CELL_WORDS:
			return words_text(value);
		case CELL_MEMBER:
			return member_text(value, cell->member);
		default:
			return bytes_text(value);
	}
}

bool
cells_begin_optional(Answer *answer, Session *session, const Statement *statement, int columns)
{
	uint32_t error = 0;

	if (answer_begin(answer, session, statement, columns, &error))
		return true;
	if (error != CQL_INVALID)
		give_up_query(error);
	return false;
}

/* Adds the rows of the statement; each has a text at first. */
static void
read_rows(Session *session, const Statement *statement, bool is_optional, const Cell *cells, SqlRows *rows)
{
	Bytes values[MOST_CELLS];
	Answer answer;

	if (!is_optional)
		answer_begin(&answer, session, statement, rows->columns, NULL);
	else if (!cells_begin_optional(&answer, session, statement, rows->columns))
		return;
	while (answer_next(&answer, values, NULL))
	{
		char *texts[MOST_CELLS];

		for (int i = 0; i < rows->columns; i++)
			texts[i] = cell_text(values[i], &cells[i]);
		if (texts[0] != NULL)
			sql_rows_add(rows, (const char *const *) texts);
		for (int i = 0; i < rows->columns; i++)
			free(texts[i]);
	}
	answer_end(&answer);
}

Statement
cells_statement(const char *text, const char *keyspace, const char *relation)
{
	Statement statement = {0};

	wire_append_text(&statement.text, text);
	if (keyspace)
	{
		wire_append_text(&statement.text, " WHERE keyspace_name = ?");
		statement_add(&statement, keyspace, strlen(keyspace));
	}
	if (relation)
	{
		wire_append_text(&statement.text, " AND table_name = ?");
		statement_add(&statement, relation, strlen(relation));
	}
	return statement;
}

void
cells_read(Session *session, const char *text, const char *keyspace, const char *relation, const Cell *cells,
		   SqlRows *rows)
{
	Statement statement = cells_statement(text, keyspace, relation);

	read_rows(session, &statement, false, cells, rows);
	statement_free(&statement);
}

void
cells_read_optional(Session *session, const char *text, const char *keyspace, const char *relation,
					const Cell *cells, SqlRows *rows)
{
	Statement statement = cells_statement(text, keyspace, relation);

	read_rows(session, &statement, true, cells, rows);
	statement_free(&statement);
}
