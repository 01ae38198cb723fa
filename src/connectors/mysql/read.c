/*
 * read.c — the rows of a relation, in a READ ONLY transaction. Where PostgreSQL writes values of a type in
 * another way than MySQL, the statement or this file writes them so.
 */
#include <errmsg.h>
#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/mysql/conditions.h"
#include "connectors/mysql/json_check.h"
#include "connectors/mysql/read.h"
#include "connectors/mysql/reading.h"
#include "connectors/mysql/sample_failure.h"
#include "connectors/mysql/types.h"
#include "connectors/mysql/values.h"

typedef struct ReadColumn
{
	const char *name;
	const char *type;
	ComparedColumn compared;
	ValueForm form;
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

/* ---- columns ---- */

static void
take_column(Read *read, const char *const *row, const SqlRows *checks)
{
	const char *type = sql_arena_text(&read->arena, row[COLUMN_TYPE] ? row[COLUMN_TYPE] : "");
	const char *word = type_word(&read->arena, type);
	const char *collation = row[COLUMN_COLLATION];
	ReadColumn *column = &read->columns[read->column_count++];

	if (read->session->is_mariadb &&
		check_makes_json(checks, read->request->read.name, word, row[COLUMN_NAME]))
		word = "json";
	*column = (ReadColumn){.name = sql_arena_text(&read->arena, row[COLUMN_NAME]), .type = type};
	column->compared =
		(ComparedColumn){.word = word,
						 .pg_type = type_in_postgresql(word, type, row[COLUMN_DEFAULT]),
						 .has_all_letters = collation && strncmp(collation, "utf8mb4_", 8) == 0};
	if (type_is_bytes(word))
		column->form = FORM_BYTES;
	else if (strcmp(word, "timestamp") == 0)
		column->form = FORM_MOMENT;
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
	const Features *features = reading_features();

	statement_columns(&sql, features, &wanted);
	session_read(read->session, &sql, &columns);
	if (features->checks)
	{
		statement_checks(&sql, features, &wanted);
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

	if (strcmp(column->compared.word, "float") == 0)
		after = " + 0e0";
	else if (strcmp(column->compared.word, "bit") == 0)
		before = "LPAD(BIN(", after = " + 0), ";
	else if (type_is_geometry(column->compared.word))
		before = "ST_AsText(", after = ")";
	else if (strcmp(column->compared.word, "vector") == 0)
		before = "HEX(", after = ")";
	wire_append_text(sql, before);
	write_name(sql, column->name);
	wire_append_text(sql, after);
	if (strcmp(column->compared.word, "bit") == 0)
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

		wire_append_text(&read->sql, is_first ? " WHERE " : " AND ");
		if (condition_write(&read->sql, &request->conditions[i], &column->compared))
		{
			read->applied[read->applied_count++] = i;
			is_first = false;
		}
		else
			read->sql.length = before;
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
add_row(Read *read, MYSQL_ROW row, const unsigned long *lengths)
{
	for (int i = 0; i < read->request->read.column_count; i++)
		value_write(&read->frames.rows, read->wanted[i]->form, row[i], lengths[i], 0);
	row_frames_end_row(&read->frames);
}

static void give_up_reading(const Read *read, unsigned error) __attribute__((noreturn));

static void
give_up_reading(const Read *read, unsigned error)
{
	switch (error)
	{
		case CR_NET_PACKET_TOO_LARGE:
			give_up_long_row(read->request->row_bytes);
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

static void
send_rows(Read *read, MYSQL_RES *answer)
{
	unsigned error = 0;
	MYSQL_ROW row;

	row_frames_begin(&read->frames, read->request->row_bytes);
	reading_flush_while_waiting(&read->frames);
	while ((row = session_next(read->session, answer, &error)) != NULL)
		add_row(read, row, mysql_fetch_lengths(answer));
	reading_flush_while_waiting(NULL);
	if (error != 0)
		give_up_reading(read, error);
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

/*
 * Waits for the relation, and keeps it from changing until the transaction ends: its columns are those that
 * the catalog then has. A user without rights on a schema is denied a relation that is not there, too.
 */
static void
hold_relation(Read *read)
{
	unsigned error = 0;
	MYSQL_RES *answer;

	wire_append_text(&read->sql, "SELECT 1 FROM ");
	write_relation_name(&read->sql, read->request->read.schema, read->request->read.name);
	wire_append_text(&read->sql, " LIMIT 0");
	answer = session_ask(read->session, &read->sql, &error);
	if (answer == NULL && (error == ER_TABLEACCESS_DENIED_ERROR || error == ER_DBACCESS_DENIED_ERROR))
		find_columns(read);
	if (answer == NULL)
		give_up_reading(read, error);
	mysql_free_result(answer);
}

void
read_relation(Request *request)
{
	Session *session = reading_open(request);
	Read read = {.session = session, .request = request};
	unsigned error = 0;
	MYSQL_RES *answer;

	session_set(session, "START TRANSACTION READ ONLY");
	hold_relation(&read);
	find_columns(&read);
	write_statement(&read);
	answer = session_ask(session, &read.sql, &error);
	if (answer == NULL)
		give_up_reading(&read, error);
	emit_reading(read.applied, read.applied_count, read.limited, NULL);
	if (request->read.column_count > 0)
		send_rows(&read, answer);
	else
		send_count(&read, answer);
	mysql_free_result(answer);
	sql_arena_free(&read.arena);
}
