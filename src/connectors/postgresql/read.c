/*
 * read.c — the rows of a relation, as the server's COPY writes them.
 *
 * The catalogs are asked first: whether the relation still has its id and its name, and what its columns are
 * now. What was found is locked, and they are asked again: what they say then is so until the rows have come.
 * The name may go to another relation before it is locked; COPY itself therefore asks for the id that its
 * name has, and fails if it is another one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/postgresql/again.h"
#include "connectors/postgresql/conditions.h"
#include "connectors/postgresql/often.h"
#include "connectors/postgresql/read.h"
#include "connectors/postgresql/reading.h"
#include "connectors/postgresql/rows.h"

typedef struct Read
{
	Session *session;
	const ReadRequest *request;
	const Found *found;
	WireBuffer lock; /* the statement that locks the relation */
	WireBuffer sql;
	int *applied;
	int applied_count;
	bool limited;
} Read;

/* ---- finding the relation ---- */

static void
add_name(WireBuffer *array, const char *name)
{
	wire_append_text(array, array->length > 1 ? ",\"" : "\"");
	for (; *name; name++)
	{
		if (*name == '"' || *name == '\\')
			wire_append(array, "\\", 1);
		wire_append(array, name, 1);
	}
	wire_append_text(array, "\"");
}

/* The columns of the request and of its conditions, as the literal of an array. */
static void
write_names(const ReadRequest *request, WireBuffer *array)
{
	wire_append_text(array, "{");
	for (int i = 0; i < request->column_count; i++)
		add_name(array, request->columns[i]);
	for (int i = 0; i < request->condition_count; i++)
		add_name(array, request->conditions[i].column);
	wire_append(array, "}", sizeof("}"));
	if (array->failed)
		give_up_out_of_memory();
}

typedef struct Question
{
	FoundQuestion all;
	WireBuffer names;
	char sample[24];
} Question;

static void
write_question(const ReadRequest *request, Question *question)
{
	if (request->id != NULL && id_of_text(request->id) == 0)
		give_up_changed("The relation has an id that is none of this data source.", NULL);
	write_names(request, &question->names);
	snprintf(question->sample, sizeof(question->sample), "%lld", (long long) request->sample);
	question->all =
		(FoundQuestion){.find = request->id ? OFTEN_FIND_BY_ID : OFTEN_FIND_BY_NAME,
						.has_types = request->condition_count > 0,
						.parameters = {{.value = request->schema},
									   {.value = request->name},
									   {.value = request->id},
									   {.value = question->names.data},
									   {.value = request->sample == NO_LIMIT ? NULL : question->sample}}};
}

/* failed: why a statement before in the batch did, or NULL. */
static Found
receive_found(Session *session, bool has_types, PGresult *failed)
{
	Found found = {.relation = session_receive(session, &failed)};

	if (has_types)
		found.types = session_receive(session, &failed);
	session_receive_end(session);
	if (failed != NULL)
		reading_give_up(failed, true);
	if (PQntuples(found.relation) == 0)
		give_up_changed("The relation is no longer in the data source.", NULL);
	if (strcmp(row_name(found.relation, 0, FOUND_SAME_NAME), "true") != 0)
		give_up_changed("The relation has another name now.", NULL);
	return found;
}

static void
ask_catalogs(Session *session, const FoundQuestion *question)
{
	often_ask(session, question->find, question->parameters, FOUND_PARAMETERS);
	if (question->has_types)
		often_ask(session, OFTEN_TYPES, question->parameters, FOUND_PARAMETERS - 1);
	session_end_batch(session);
}

static void
find_relation(Read *read, const FoundQuestion *question)
{
	Session *session = read->session;

	reading_ask_begin(session, true);
	ask_catalogs(session, question);
	reading_receive_begin(session);
	read->found = again_keep(question, receive_found(session, question->has_types, NULL));
}

static void
lock_relation(Read *read, const FoundQuestion *question)
{
	Session *session = read->session;
	PGresult *failed = NULL;

	session_ask(session, read->lock.data, NULL);
	ask_catalogs(session, question);
	PQclear(session_receive(session, &failed));
	read->found = again_keep(question, receive_found(session, question->has_types, failed));
}

/* The row of the column in a result, where it stands at that place. */
static int
find_row(const PGresult *result, int place, const char *name)
{
	for (int row = 0; row < PQntuples(result); row++)
	{
		const char *found = row_text(result, row, place);

		if (found != NULL && strcmp(found, name) == 0)
			return row;
	}
	give_up_changed("A column is no longer in the data source.", name);
}

static const char *
quoted_column(const Read *read, const char *name)
{
	return row_name(read->found->relation, find_row(read->found->relation, FOUND_COLUMN, name), FOUND_QUOTED);
}

static bool
is_true(const PGresult *result, int row, int column)
{
	return strcmp(row_name(result, row, column), "true") == 0;
}

static ReadColumn
find_column(const Read *read, const char *name)
{
	int row = find_row(read->found->types, FOUND_TYPE_COLUMN, name);

	return (ReadColumn){.name = name,
						.quoted = quoted_column(read, name),
						.type = row_name(read->found->types, row, FOUND_TYPE),
						.is_enum = is_true(read->found->types, row, FOUND_IS_ENUM),
						.is_bytewise = is_true(read->found->types, row, FOUND_IS_BYTEWISE)};
}

/* ---- writing the statement ---- */

static void
append(Read *read, const char *text)
{
	wire_append_text(&read->sql, text);
}

static void
write_columns(Read *read)
{
	const ReadRequest *request = read->request;

	append(read, "SELECT ");
	for (int i = 0; i < request->column_count; i++)
	{
		append(read, i == 0 ? "" : ", ");
		append(read, quoted_column(read, request->columns[i]));
	}
}

/* The percentage comes from the source: it is written only if it is a number. */
static void
write_sample(Read *read)
{
	const char *percent = row_text(read->found->relation, 0, FOUND_PERCENT);

	if (percent == NULL || read->request->condition_count > 0 ||
		percent[strspn(percent, "0123456789.")] != '\0')
		return;
	append(read, " TABLESAMPLE SYSTEM (");
	append(read, percent);
	append(read, ")");
}

static void
write_relation(Read *read)
{
	PGconn *connection = read->session->connection;
	const char *relation = row_name(read->found->relation, 0, FOUND_RELATION);
	char *literal = PQescapeLiteral(connection, relation, strlen(relation));
	IdText id;

	if (literal == NULL)
		give_up_out_of_memory();
	append(read, " FROM ");
	append(read, relation);
	write_sample(read);
	/* The setting does not exist: asking for it fails. It is asked for only if the ids differ. */
	append(read, " WHERE CASE WHEN ");
	append(read, literal);
	append(read, "::regclass::oid = ");
	append(read, id_text(id_of_text(row_name(read->found->relation, 0, FOUND_ID)), id));
	append(read, "::oid THEN true ELSE current_setting('rivergen.relation_changed')::bool END");
	PQfreemem(literal);
}

static void
write_conditions(Read *read)
{
	const ReadRequest *request = read->request;

	free(read->applied);
	read->applied_count = 0;
	read->applied = allocate((size_t) request->condition_count * sizeof(int));
	for (int i = 0; i < request->condition_count; i++)
	{
		const Condition *condition = &request->conditions[i];
		ReadColumn column = find_column(read, condition->column);
		size_t before = read->sql.length;

		append(read, " AND ");
		if (condition_write(&read->sql, read->session->connection, condition, &column))
			read->applied[read->applied_count++] = i;
		else
			read->sql.length = before;
	}
}

static void
write_limit(Read *read)
{
	read->limited = read->request->limit != NO_LIMIT && read->applied_count == read->request->condition_count;
	if (!read->limited)
		return;
	append(read, " LIMIT ");
	wire_append_integer(&read->sql, read->request->limit);
}

static void
write_select(Read *read)
{
	bool counts = read->request->column_count == 0;

	append(read, counts ? "SELECT count(*) FROM (" : "");
	write_columns(read);
	write_relation(read);
	write_conditions(read);
	write_limit(read);
	append(read, counts ? ") counted" : "");
}

static void
end_statement(Read *read)
{
	wire_append(&read->sql, "", 1);
	if (read->sql.failed)
		give_up_out_of_memory();
}

/*
 * COPY takes its snapshot before it waits for a lock, so the locks are taken before: what is planned is
 * locked, and what may be locked at once needs no plan for that.
 */
static void
write_lock(Read *read)
{
	WireBuffer written;

	wire_reset(&read->sql);
	if (row_text(read->found->relation, 0, FOUND_LOCKABLE) != NULL)
	{
		append(read, "LOCK TABLE ");
		append(read, row_name(read->found->relation, 0, FOUND_RELATION));
		append(read, " IN ACCESS SHARE MODE");
	}
	else
	{
		append(read, "EXPLAIN (COSTS OFF) ");
		write_select(read);
	}
	end_statement(read);
	written = read->sql;
	read->sql = read->lock;
	read->lock = written;
}

/* The transaction ends in the same message, so that no lock outlives the rows and no answer is waited for. */
static void
write_copy(Read *read)
{
	wire_reset(&read->sql);
	append(read, "COPY (");
	write_select(read);
	append(read, ") TO STDOUT; ROLLBACK");
	end_statement(read);
}

/* ---- rows ---- */

static void
begin_copy(Read *read)
{
	PGresult *result;

	reading_send_all(read->session, read->sql.data);
	result = reading_next_result(read->session, NULL);
	if (PQresultStatus(result) != PGRES_COPY_OUT)
		reading_give_up(result, true);
	PQclear(result);
}

static bool
begin_again(Read *read, const FoundQuestion *question)
{
	read->found = again_known(read->session, question);
	if (read->found == NULL)
		return false;
	write_lock(read);
	write_copy(read);
	return again_ask(read->session, question, read->lock.data, read->sql.data);
}

static void
begin(Read *read)
{
	Question question = {0};

	write_question(read->request, &question);
	if (!begin_again(read, &question.all))
	{
		find_relation(read, &question.all);
		write_lock(read);
		lock_relation(read, &question.all);
		write_copy(read);
		begin_copy(read);
	}
	emit_reading(read->applied, read->applied_count, read->limited, NULL);
	wire_free(&question.names);
}

static void
end_copy(Read *read)
{
	PGresult *result;

	while ((result = reading_next_result(read->session, NULL)) != NULL)
	{
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			reading_give_up(result, true);
		PQclear(result);
	}
}

static void
send_rows(Read *read, int64_t row_bytes)
{
	RowFrames frames;
	char *row = NULL;
	int length;

	row_frames_begin(&frames, row_bytes);
	while ((length = reading_next_row(read->session, &frames, &row)) > 0)
	{
		row_frames_add(&frames, row, (size_t) length);
		PQfreemem(row);
	}
	end_copy(read);
	row_frames_end(&frames);
}

static void
send_count(Read *read)
{
	char *row = NULL;
	int64_t count = 0;

	while (reading_next_row(read->session, NULL, &row) > 0)
	{
		count = strtoll(row, NULL, 10);
		PQfreemem(row);
	}
	end_copy(read);
	row_frames_count(count);
}

/* 0: the rows come from code of others, too. */
static int
process_of(const Found *found)
{
	const char *process = row_text(found->relation, 0, FOUND_PROCESS);

	return process != NULL ? atoi(process) : 0;
}

void
read_relation(Request *request)
{
	Read read = {.session = reading_open(request), .request = &request->read};

	begin(&read);
	reading_found_process(process_of(read.found));
	if (request->read.column_count > 0)
		send_rows(&read, request->row_bytes);
	else
		send_count(&read);
	wire_free(&read.lock);
	wire_free(&read.sql);
	free(read.applied);
}
