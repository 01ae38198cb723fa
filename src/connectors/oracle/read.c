/*
 * read.c — the statement that reads rows of a relation.
 */
#include "connectors/oracle/read.h"

#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/odbc/send.h"
#include "connectors/oracle/conditions.h"
#include "connectors/oracle/lookup.h"
#include "connectors/oracle/types.h"
#include "connectors/sql/quote.h"

typedef struct Read
{
	const Features *features;
	const ReadRequest *request;
	Found found;
	SqlArena arena;
	WireBuffer sql;
	bool *are_bytes;
	int *applied;
	int applied_count;
	bool limited;
} Read;

static const char *const *
find_column(const Read *read, const char *name)
{
	const char *const *column = lookup_column(&read->found, name);

	if (column == NULL)
		give_up_changed("A column is no longer in the data source.", name);
	return column;
}

static void
write_columns(Read *read)
{
	const ReadRequest *request = read->request;

	read->are_bytes = sql_arena_allocate(&read->arena, (size_t) request->column_count + 1);
	wire_append_text(&read->sql, request->column_count == 0 ? "SELECT COUNT(*)" : "SELECT ");
	for (int i = 0; i < request->column_count; i++)
	{
		const char *const *column = find_column(read, request->columns[i]);

		wire_append_text(&read->sql, i == 0 ? "" : ", ");
		read->are_bytes[i] = type_is_bytes(column);
		if (!type_write_value(&read->sql, column))
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

	read->applied = sql_arena_allocate(&read->arena, (size_t) (request->condition_count + 1) * sizeof(int));
	for (int i = 0; i < request->condition_count; i++)
	{
		const Condition *condition = &request->conditions[i];
		const char *const *column = find_column(read, condition->column);
		size_t before = read->sql.length;

		wire_append_text(&read->sql, read->applied_count == 0 ? " WHERE " : " AND ");
		if (condition_write(&read->sql, read->features, condition, column))
			read->applied[read->applied_count++] = i;
		else
			read->sql.length = before;
	}
}

/* The versions that know it are those that have identity columns. */
static void
write_limit(Read *read)
{
	const ReadRequest *request = read->request;

	read->limited = request->limit != NO_LIMIT && read->applied_count == request->condition_count;
	if (!read->limited || request->column_count == 0 || !read->features->identity)
		return;
	wire_append_text(&read->sql, " FETCH FIRST ");
	wire_append_integer(&read->sql, request->limit);
	wire_append_text(&read->sql, " ROWS ONLY");
}

static void
write_statement(Read *read)
{
	write_columns(read);
	wire_append_text(&read->sql, " FROM ");
	sql_quote_name(&read->sql, read->request->schema, '"', '"');
	wire_append_text(&read->sql, ".");
	sql_quote_name(&read->sql, read->request->name, '"', '"');
	write_conditions(read);
	write_limit(read);
	wire_append(&read->sql, "", 1);
	if (read->sql.failed)
		give_up_out_of_memory();
}

void
read_relation(OdbcSession *session, const Features *features, const Request *request)
{
	Read read = {.features = features, .request = &request->read};

	if (!lookup(session, features, request->read.schema, request->read.name, request->read.id, &read.found))
		give_up_changed("The relation is no longer in the data source.", NULL);
	write_statement(&read);
	odbc_send(session, request,
			  &(OdbcReading){.sql = read.sql.data,
							 .were_bytes = read.are_bytes,
							 .applied = read.applied,
							 .applied_count = read.applied_count,
							 .limited = read.limited});
	wire_free(&read.sql);
	lookup_forget(&read.found);
	sql_arena_free(&read.arena);
}
