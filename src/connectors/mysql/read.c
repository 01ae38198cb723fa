/*
 * read.c — the rows of a relation, in a READ ONLY transaction. Where PostgreSQL writes values of a type in
 * another way than MySQL, the statement or this file writes them so.
 */
#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/row_frames.h"
#include "connectors/guard/guard.h"
#include "connectors/mysql/conditions.h"
#include "connectors/mysql/json_check.h"
#include "connectors/mysql/read.h"
#include "connectors/mysql/sample_failure.h"
#include "connectors/mysql/statements.h"
#include "connectors/mysql/types.h"

typedef struct ReadColumn
{
	const char *name;
	const char *type;
	const char *word;
	const char *pg_type; /* NULL: text */
	bool is_bytes;       /* written as \x and digits */
	bool is_moment;      /* of UTC, which is written behind it */
} ReadColumn;

typedef struct Read
{
	Session *session;
	const Request *request;
	SqlArena arena;
	ReadColumn *columns; /* of the relation */
	int column_count;
	const ReadColumn **wanted; /* of the request, in its order */
	WireBuffer sql;
	int *applied;
	int applied_count;
	bool limited;
	RowFrames frames;
} Read;

static void give_up_changed(const char *message, const char *detail) __attribute__((noreturn));

static void
give_up_changed(const char *message, const char *detail)
{
	give_up(&(Failure){.step = "query",
					   .code = "relation_changed",
					   .message = message,
					   .detail = detail,
					   .hint = "Discover the data source again."});
}

/* ---- columns ---- */

static void
take_column(Read *read, const char *const *row, const SqlRows *checks)
{
	const char *type = sql_arena_text(&read->arena, row[COLUMN_TYPE] ? row[COLUMN_TYPE] : "");
	const char *word = type_word(&read->arena, type);

	if (read->session->is_mariadb &&
		check_makes_json(checks, read->request->read.name, word, row[COLUMN_NAME]))
		word = "json";
	read->columns[read->column_count] =
		(ReadColumn){.name = sql_arena_text(&read->arena, row[COLUMN_NAME]),
					 .type = type,
					 .word = word,
					 .pg_type = type_in_postgresql(word, type, row[COLUMN_DEFAULT])};
	read->columns[read->column_count].is_bytes = type_is_bytes(word);
	read->columns[read->column_count].is_moment = strcmp(word, "timestamp") == 0;
	read->column_count++;
}

static void
find_columns(Read *read)
{
	const ReadRequest *request = &read->request->read;
	SqlNames names = {.items = (const char **) &request->name, .count = 1};
	Wanted wanted = {.schema = request->schema, .relations = &names};
	SqlRows columns = {.columns = COLUMN_COLUMNS};
	SqlRows checks = {.columns = CHECK_COLUMNS};
	WireBuffer sql = {0};
	Features features;

	statements_learn(read->session, &features);
	statement_columns(&sql, &features, &wanted);
	session_read(read->session, &sql, &columns);
	if (features.checks)
	{
		statement_checks(&sql, &features, &wanted);
		session_read(read->session, &sql, &checks);
	}
	if (columns.count == 0 || request->id != NULL)
		give_up_changed("The relation is no longer in the data source.", NULL);
	read->columns = sql_arena_allocate(&read->arena, columns.count * sizeof(ReadColumn));
	for (size_t i = 0; i < columns.count; i++)
		take_column(read, columns.items[i], &checks);
	sql_rows_free(&columns);
	sql_rows_free(&checks);
}

static const ReadColumn *
find_column(const Read *read, const char *name)
{
	for (int i = 0; i < read->column_count; i++)
		if (strcmp(read->columns[i].name, name) == 0)
			return &read->columns[i];
	give_up_changed("A column is no longer in the data source.", name);
}

/* ---- the statement ---- */

/* A float as a double has all its digits; bits have their length in the type: bit(3). */
static void
write_value(WireBuffer *sql, const ReadColumn *column)
{
	const char *bits = strchr(column->type, '(');
	const char *before = "";
	const char *after = "";

	if (strcmp(column->word, "float") == 0)
		after = " + 0e0";
	else if (strcmp(column->word, "bit") == 0)
		before = "LPAD(BIN(", after = " + 0), ";
	else if (type_is_geometry(column->word))
		before = "ST_AsText(", after = ")";
	else if (strcmp(column->word, "vector") == 0)
		before = "HEX(", after = ")";
	wire_append_text(sql, before);
	write_name(sql, column->name);
	wire_append_text(sql, after);
	if (strcmp(column->word, "bit") == 0)
	{
		wire_append_integer(sql, bits ? atoi(bits + 1) : 1);
		wire_append_text(sql, ", '0')");
	}
}

static void
write_columns(Read *read)
{
	const ReadRequest *request = &read->request->read;

	read->wanted =
		sql_arena_allocate(&read->arena, (size_t) (request->column_count + 1) * sizeof(ReadColumn *));
	wire_append_text(&read->sql, request->column_count == 0 ? "SELECT COUNT(*) FROM (SELECT 1" : "SELECT ");
	for (int i = 0; i < request->column_count; i++)
	{
		read->wanted[i] = find_column(read, request->columns[i]);
		wire_append_text(&read->sql, i == 0 ? "" : ", ");
		write_value(&read->sql, read->wanted[i]);
	}
}

static void
write_conditions(Read *read)
{
	const ReadRequest *request = &read->request->read;
	bool is_first = true;

	read->applied = sql_arena_allocate(&read->arena, (size_t) (request->condition_count + 1) * sizeof(int));
	for (int i = 0; i < request->condition_count; i++)
	{
		const ReadColumn *column = find_column(read, request->conditions[i].column);
		size_t before = read->sql.length;
		Applied applied;

		wire_append_text(&read->sql, is_first ? " WHERE " : " AND ");
		applied = condition_write(&read->sql, &request->conditions[i], column->word, column->pg_type);
		if (applied == APPLIED_NOT)
			read->sql.length = before;
		else
			is_first = false;
		if (applied == APPLIED_EXACTLY)
			read->applied[read->applied_count++] = i;
	}
}

static void
write_statement(Read *read)
{
	const ReadRequest *request = &read->request->read;

	write_columns(read);
	wire_append_text(&read->sql, " FROM ");
	write_relation_name(&read->sql, request->schema, request->name);
	write_conditions(read);
	read->limited = request->limit != NO_LIMIT && read->applied_count == request->condition_count;
	if (read->limited)
	{
		wire_append_text(&read->sql, " LIMIT ");
		wire_append_integer(&read->sql, request->limit);
	}
	if (request->column_count == 0)
		wire_append_text(&read->sql, ") counted");
}

/* ---- rows ---- */

static void
add_bytes(Read *read, const char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	char *text = allocate(2 * length + 2);

	text[0] = '\\';
	text[1] = 'x';
	for (size_t i = 0; i < length; i++)
	{
		text[2 * i + 2] = digits[(unsigned char) bytes[i] >> 4];
		text[2 * i + 3] = digits[bytes[i] & 0x0F];
	}
	rows_value(&read->frames.rows, text, 2 * length + 2);
	free(text);
}

static void
add_moment(Read *read, const char *text, size_t length)
{
	char moment[64];

	if (length > sizeof(moment) - 3)
		length = sizeof(moment) - 3;
	memcpy(moment, text, length);
	memcpy(moment + length, "+00", 3);
	rows_value(&read->frames.rows, moment, length + 3);
}

static void
add_row(Read *read, MYSQL_ROW row, const unsigned long *lengths)
{
	for (int i = 0; i < read->request->read.column_count; i++)
	{
		if (row[i] == NULL)
			rows_null(&read->frames.rows);
		else if (read->wanted[i]->is_bytes)
			add_bytes(read, row[i], lengths[i]);
		else if (read->wanted[i]->is_moment)
			add_moment(read, row[i], lengths[i]);
		else
			rows_value(&read->frames.rows, row[i], lengths[i]);
	}
	row_frames_end_row(&read->frames);
}

static void give_up_reading(unsigned error) __attribute__((noreturn));

static void
give_up_reading(unsigned error)
{
	switch (error)
	{
		case ER_NO_SUCH_TABLE:
		case ER_BAD_FIELD_ERROR:
		case ER_BAD_DB_ERROR:
			give_up_changed("The relation, or a column of it, is no longer in the data source.", NULL);
		case ER_TABLEACCESS_DENIED_ERROR:
		case ER_COLUMNACCESS_DENIED_ERROR:
			give_up(&(Failure){.step = "query",
							   .code = "permission",
							   .message = "The user of the data source may not read the relation."});
		default:
			give_up(&(Failure){.step = "query", .code = "query", .message = sample_failure(error)});
	}
}

static int
patience(void *read)
{
	return row_frames_patience(&((Read *) read)->frames);
}

static void
flush(void *read)
{
	row_frames_flush(&((Read *) read)->frames);
}

static void
send_rows(Read *read, MYSQL_RES *answer)
{
	unsigned error = 0;
	MYSQL_ROW row;

	row_frames_begin(&read->frames, read->request->row_bytes);
	guard_while_waiting(patience, flush, read);
	while ((row = session_next(read->session, answer, &error)) != NULL)
		add_row(read, row, mysql_fetch_lengths(answer));
	guard_while_waiting(NULL, NULL, NULL);
	if (error != 0)
		give_up_reading(error);
	row_frames_end(&read->frames);
}

static void
send_count(Read *read, MYSQL_RES *answer)
{
	MYSQL_ROW row = session_next(read->session, answer, NULL);

	row_frames_count(row && row[0] ? strtoll(row[0], NULL, 10) : 0);
	while (row != NULL)
		row = session_next(read->session, answer, NULL);
}

void
read_relation(Session *session, const Request *request)
{
	Read read = {.session = session, .request = request};
	unsigned error = 0;
	MYSQL_RES *answer;

	find_columns(&read);
	write_statement(&read);
	session_set(session, "START TRANSACTION READ ONLY");
	answer = session_ask(session, &read.sql, &error);
	if (answer == NULL)
		give_up_reading(error);
	emit_reading(read.applied, read.applied_count, read.limited, NULL);
	if (request->read.column_count > 0)
		send_rows(&read, answer);
	else
		send_count(&read, answer);
	mysql_free_result(answer);
	sql_arena_free(&read.arena);
}
