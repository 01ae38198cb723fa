/*
 * read.c — the statement that reads rows of a relation.
 */
#include "connectors/other/read.h"

#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/odbc/names.h"
#include "connectors/odbc/send.h"
#include "connectors/other/catalog.h"
#include "connectors/other/conditions.h"
#include "connectors/other/describe.h"

typedef struct Read
{
	OdbcSession *session;
	const Request *request;
	SqlRows columns; /* of the relation */
	SqlArena arena;
	bool *are_bytes; /* the columns of the request, in its order */
	WireBuffer sql;
	int *applied; /* exactly */
	int applied_count;
	bool limited;
} Read;

static void give_up_name(const char *name) __attribute__((noreturn));

static void
give_up_name(const char *name)
{
	give_up(&(Failure){.step = "query",
					   .code = "unsupported",
					   .message = "A name cannot be written in a statement that every source reads alike.",
					   .detail = name});
}

static const char *const *
find_column(const Read *read, const char *name)
{
	for (size_t i = 0; i < read->columns.count; i++)
		if (strcmp(read->columns.items[i][COLUMN_NAME], name) == 0)
			return read->columns.items[i];
	give_up_changed("A column is no longer in the data source.", name);
}

/* ---- the statement ---- */

static void
write_name(Read *read, const char *name)
{
	if (!odbc_write_name(&read->sql, read->session, name))
		give_up_name(name);
}

static void
write_columns(Read *read)
{
	const ReadRequest *request = &read->request->read;

	read->are_bytes = sql_arena_allocate(&read->arena, (size_t) request->column_count + 1);
	wire_append_text(&read->sql, request->column_count == 0 ? "SELECT COUNT(*)" : "SELECT ");
	for (int i = 0; i < request->column_count; i++)
	{
		ColumnType type = describe_type(find_column(read, request->columns[i]));

		read->are_bytes[i] = type_is_bytes(&type);
		wire_append_text(&read->sql, i == 0 ? "" : ", ");
		write_name(read, request->columns[i]);
	}
}

static void
write_conditions(Read *read)
{
	const ReadRequest *request = &read->request->read;
	int written = 0;

	read->applied = sql_arena_allocate(&read->arena, (size_t) (request->condition_count + 1) * sizeof(int));
	for (int i = 0; i < request->condition_count; i++)
	{
		const Condition *condition = &request->conditions[i];
		ColumnType type = describe_type(find_column(read, condition->column));
		size_t before = read->sql.length;
		Applied applied;

		wire_append_text(&read->sql, written == 0 ? " WHERE " : " AND ");
		applied = condition_write(&read->sql, read->session, condition, &type);
		if (applied == APPLIED_NOT)
			read->sql.length = before;
		else
			written++;
		if (applied == APPLIED_EXACTLY)
			read->applied[read->applied_count++] = i;
	}
}

static void
write_statement(Read *read)
{
	const ReadRequest *request = &read->request->read;
	const char *const *first;

	catalog_find_columns(read->session, request->schema, request->name, &read->columns);
	if (read->columns.count == 0 || request->id != NULL)
		give_up_changed("The relation is no longer in the data source.", NULL);
	first = read->columns.items[0];
	write_columns(read);
	wire_append_text(&read->sql, " FROM ");
	if (!odbc_write_relation(&read->sql, read->session, first[COLUMN_CATALOG], first[COLUMN_THEIR_SCHEMA],
							 request->name))
		give_up_name(request->name);
	write_conditions(read);
	read->limited = request->limit != NO_LIMIT && read->applied_count == request->condition_count;
	wire_append(&read->sql, "", 1);
	if (read->sql.failed)
		give_up_out_of_memory();
}

void
read_relation(OdbcSession *session, const Request *request)
{
	Read read = {.session = session, .request = request};

	write_statement(&read);
	odbc_send(session, request,
			  &(OdbcReading){.sql = read.sql.data,
							 .were_bytes = read.are_bytes,
							 .applied = read.applied,
							 .applied_count = read.applied_count,
							 .limited = read.limited});
	wire_free(&read.sql);
	sql_rows_free(&read.columns);
	sql_arena_free(&read.arena);
}
