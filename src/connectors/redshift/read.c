/*
 * read.c — the rows of a relation, by one statement in a READ ONLY transaction.
 *
 * The catalogs show a relation as it is before another session commits its changes, and the statement waits
 * for that session. So the same transaction has the server describe the columns first, which waits too, and
 * then keeps the relation as it is. If it is not as it was found, it is looked up again.
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/row_frames.h"
#include "connectors/redshift/conditions.h"
#include "connectors/redshift/lookup.h"
#include "connectors/redshift/read.h"
#include "connectors/sql/quote.h"

#define MOST_LOOKS 10

typedef struct Read
{
	Session *session;
	const ReadRequest *request;
	Found found;
	SqlArena arena;
	WireBuffer sql;
	SqlNames parameters;
	int *applied;
	int applied_count;
	bool limited;
} Read;

static const SqlColumn *
find_column(const Read *read, const char *name)
{
	const SqlColumn *column = lookup_column(&read->found, name);

	if (column == NULL)
		give_up_changed("A column is no longer in the data source.", name);
	return column;
}

static void
write_columns(Read *read)
{
	const ReadRequest *request = read->request;

	wire_append_text(&read->sql, request->column_count == 0 ? "SELECT COUNT(*)" : "SELECT ");
	for (int i = 0; i < request->column_count; i++)
	{
		wire_append_text(&read->sql, i == 0 ? "" : ", ");
		if (!lookup_write_value(&read->sql, find_column(read, request->columns[i])))
			give_up(&(Failure){.step = "query",
							   .code = "unsupported",
							   .message = "Values of the type of this column cannot be read.",
							   .detail = request->columns[i]});
	}
}

static void
write_conditions(Read *read)
{
	const ReadRequest *request = read->request;
	bool is_first = true;

	read->applied = sql_arena_allocate(&read->arena, (size_t) (request->condition_count + 1) * sizeof(int));
	read->parameters.items = sql_arena_allocate(&read->arena, MOST_PARAMETERS * sizeof(char *));
	for (int i = 0; i < request->condition_count; i++)
	{
		const Condition *condition = &request->conditions[i];
		const SqlColumn *column = find_column(read, condition->column);
		size_t before = read->sql.length;
		Applied applied;

		wire_append_text(&read->sql, is_first ? " WHERE " : " AND ");
		applied = condition_write(&read->sql, &read->parameters, condition, column);
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
	const ReadRequest *request = read->request;

	write_columns(read);
	lookup_write_relation(&read->sql, request->schema, request->name);
	write_conditions(read);
	read->limited = request->limit != NO_LIMIT && request->column_count > 0 &&
					read->applied_count == request->condition_count;
	if (read->limited)
	{
		wire_append_text(&read->sql, " LIMIT ");
		wire_append_integer(&read->sql, request->limit);
	}
	wire_append(&read->sql, "", 1);
	if (read->sql.failed)
		give_up_out_of_memory();
}

static void
send_row(RowFrames *frames, const PGresult *row, int columns)
{
	if (PQnfields(row) != columns)
		give_up_malformed();
	for (int i = 0; i < columns; i++)
	{
		if (PQgetisnull(row, 0, i))
			rows_null(&frames->rows);
		else
			rows_value(&frames->rows, PQgetvalue(row, 0, i), (size_t) PQgetlength(row, 0, i));
	}
	row_frames_end_row(frames);
}

static void
send_rows(Read *read, int64_t row_bytes)
{
	RowFrames frames;
	PGresult *row;

	row_frames_begin(&frames, row_bytes);
	while ((row = session_next_row(read->session, &frames)) != NULL)
	{
		send_row(&frames, row, read->request->column_count);
		PQclear(row);
	}
	session_require_rows(read->session);
	session_end_rows(read->session);
	row_frames_end(&frames);
}

static void
send_count(Read *read)
{
	PGresult *row = session_next_row(read->session, NULL);
	int64_t count;

	if (row == NULL || PQnfields(row) != 1)
		give_up_malformed();
	count = strtoll(PQgetvalue(row, 0, 0), NULL, 10);
	PQclear(row);
	session_end_rows(read->session);
	row_frames_count(count);
}

/* ---- the relation ---- */

static void
write_needed(const Read *read, WireBuffer *sql)
{
	const ReadRequest *request = read->request;
	int count = request->column_count + request->condition_count;

	wire_append_text(sql, "SELECT ");
	for (int i = 0; i < count; i++)
	{
		wire_append_text(sql, i == 0 ? "" : ", ");
		sql_quote_name(sql,
					   i < request->column_count ? request->columns[i]
												 : request->conditions[i - request->column_count].column,
					   '"', '"');
	}
	if (count == 0)
		sql_quote_name(sql, read->found.relation.columns[0].name, '"', '"');
	lookup_write_relation(sql, request->schema, request->name);
	wire_append(sql, "", 1);
	if (sql->failed)
		give_up_out_of_memory();
}

/* Begins the transaction, and waits for the relation. Returns what the server says of its columns. */
static PGresult *
hold_relation(Read *read)
{
	WireBuffer sql = {0};
	PGresult *told;

	write_needed(read, &sql);
	session_begin(read->session);
	told = session_describe(read->session, sql.data);
	wire_free(&sql);
	return told;
}

static bool
is_alike(const PGresult *one, const PGresult *other)
{
	if (PQnfields(one) != PQnfields(other))
		return false;
	for (int i = 0; i < PQnfields(one); i++)
		if (PQftype(one, i) != PQftype(other, i) || PQfmod(one, i) != PQfmod(other, i) ||
			PQftable(one, i) != PQftable(other, i))
			return false;
	return true;
}

static void
look_up(Read *read)
{
	const ReadRequest *request = read->request;

	if (!lookup(read->session, request->schema, request->name, request->id, &read->found))
		give_up_changed("The relation is no longer in the data source.", NULL);
	write_statement(read);
}

static void
forget(Read *read)
{
	wire_free(&read->sql);
	lookup_forget(&read->found);
	sql_arena_free(&read->arena);
	*read = (Read){.session = read->session, .request = read->request};
}

/*
 * Only what pg_attribute has can be compared with what the server says. A server that describes a column in
 * another way than its catalogs is believed when it does so twice: the look between is the right one.
 */
static void
look_up_and_hold(Read *read)
{
	PGresult *before = NULL;
	PGresult *told = NULL;
	bool is_held = false;

	for (int looks = 1; !is_held; looks++)
	{
		look_up(read);
		if (read->found.catalog.stored.count == 0)
		{
			session_begin(read->session);
			break;
		}
		told = hold_relation(read);
		is_held = lookup_is_told(&read->found, told) || (before != NULL && is_alike(before, told));
		if (!is_held && looks == MOST_LOOKS)
			give_up_changed("The relation has changed again and again while it was waited for.", NULL);
		if (!is_held)
		{
			session_end_rows(read->session);
			forget(read);
		}
		PQclear(before);
		before = told;
	}
	PQclear(before);
}

void
read_relation(Session *session, const Request *request)
{
	Read read = {.session = session, .request = &request->read};

	look_up_and_hold(&read);
	session_send(session, read.sql.data, read.parameters.items, read.parameters.count);
	session_require_rows(session);
	emit_reading(read.applied, read.applied_count, read.limited, NULL);
	if (request->read.column_count > 0)
		send_rows(&read, request->row_bytes);
	else
		send_count(&read);
	forget(&read);
}
