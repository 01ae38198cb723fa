/*
 * query.c — runs one statement of the caller in a READ ONLY transaction.
 *
 * The server prepares the text first. It takes a single statement only, says where a fault is, and which
 * columns the result has; a statement without any is not run. Then the text is sent again and run, for the
 * values of a prepared statement come in another form.
 */
#include <errmsg.h>
#include <mysqld_error.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/mysql/query.h"
#include "connectors/mysql/query_text.h"
#include "connectors/mysql/reading.h"
#include "connectors/mysql/result_columns.h"

typedef struct Query
{
	Session *session;
	const Request *request;
	SqlArena arena;
	ResultColumn *columns;
	int column_count;
	RowFrames frames;
} Query;

static void give_up_text(const char *message, const char *hint, long long position) __attribute__((noreturn));

static void
give_up_text(const char *message, const char *hint, long long position)
{
	give_up(
		&(Failure){.step = "query", .code = "query", .message = message, .hint = hint, .position = position});
}

static bool
is_permission(unsigned error)
{
	return error == ER_TABLEACCESS_DENIED_ERROR || error == ER_COLUMNACCESS_DENIED_ERROR ||
		   error == ER_DBACCESS_DENIED_ERROR || error == ER_PROCACCESS_DENIED_ERROR ||
		   error == ER_SPECIFIC_ACCESS_DENIED_ERROR;
}

static void give_up_asked(const Query *query, unsigned error, const char *message) __attribute__((noreturn));

/* The caller, who may read what the query reads, gets the server's own words. */
static void
give_up_asked(const Query *query, unsigned error, const char *message)
{
	if (error == CR_NET_PACKET_TOO_LARGE)
		give_up_long_row(query->request->row_bytes);
	session_check(query->session, error);
	give_up(&(Failure){
		.step = "query",
		.code = is_permission(error) ? "permission" : "query",
		.message = message,
		.position = error == ER_PARSE_ERROR ? query_text_position(query->request->query.text, message) : 0});
}

static void
check_text(const char *text)
{
	QueryFault fault;

	if (query_text_check(text, &fault))
		give_up_text(fault.message, fault.hint, query_text_character(text, fault.at));
}

/* ---- the columns ---- */

/* Sends `reading`. */
static void
announce_columns(Query *query, MYSQL_RES *description)
{
	WireBuffer columns = {0};

	query->column_count = (int) mysql_num_fields(description);
	query->columns = sql_arena_allocate(&query->arena, (size_t) query->column_count * sizeof(ResultColumn));
	document_literal(&columns, "[");
	for (int i = 0; i < query->column_count; i++)
		result_column_write(&columns, mysql_fetch_field_direct(description, (unsigned) i),
							&query->columns[i]);
	document_literal(&columns, "]");
	emit_reading(NULL, 0, false, &columns);
	wire_free(&columns);
}

static void
prepare(Query *query)
{
	const char *text = query->request->query.text;
	MYSQL_STMT *statement = mysql_stmt_init(query->session->connection);
	MYSQL_RES *description;

	if (statement == NULL)
		give_up_out_of_memory();
	session_wait(query->session);
	if (mysql_stmt_prepare(statement, text, strlen(text)) != 0)
		give_up_asked(query, mysql_stmt_errno(statement), mysql_stmt_error(statement));
	if (mysql_stmt_param_count(statement) > 0)
		give_up_text("The query has parameters.", "Write values into the query, not ?.", 0);
	description = mysql_stmt_result_metadata(statement);
	if (description == NULL)
		give_up_text("The statement returns no rows.", "Only statements that return rows are run.", 0);
	announce_columns(query, description);
	mysql_free_result(description);
	mysql_stmt_close(statement);
}

/* ---- the rows ---- */

static void
add_row(Query *query, MYSQL_ROW row, const unsigned long *lengths)
{
	for (int i = 0; i < query->column_count; i++)
		value_write(&query->frames.rows, query->columns[i].form, row[i], lengths[i], query->columns[i].bits);
	row_frames_end_row(&query->frames);
}

/* Sends the rows. Returns whether there are more than the limit. */
static bool
send_rows(Query *query, MYSQL_RES *answer)
{
	int64_t limit = query->request->query.limit;
	bool truncated = false;
	unsigned error = 0;
	int64_t sent = 0;
	MYSQL_ROW row;

	row_frames_begin(&query->frames, query->request->row_bytes);
	reading_flush_while_waiting(&query->frames);
	while (!truncated && (row = session_next(query->session, answer, &error)) != NULL)
	{
		truncated = limit != NO_LIMIT && sent++ == limit;
		if (!truncated)
			add_row(query, row, mysql_fetch_lengths(answer));
	}
	reading_flush_while_waiting(NULL);
	if (error != 0)
		give_up_asked(query, error, mysql_error(query->session->connection));
	row_frames_end(&query->frames);
	return truncated;
}

/* The server makes one row more than are wanted, by which it is seen that there are more. */
static void
limit_rows(Query *query)
{
	char sql[80];

	if (query->request->query.limit == NO_LIMIT)
		return;
	snprintf(sql, sizeof(sql), "SET SESSION sql_select_limit = %lld",
			 (long long) query->request->query.limit + 1);
	session_set(query->session, sql);
}

static bool
run(Query *query)
{
	WireBuffer sql = {0};
	unsigned error = 0;
	MYSQL_RES *answer;
	bool truncated;

	limit_rows(query);
	wire_append_text(&sql, query->request->query.text);
	answer = session_ask(query->session, &sql, &error);
	if (answer == NULL)
		give_up_asked(query, error, mysql_error(query->session->connection));
	if ((int) mysql_num_fields(answer) != query->column_count)
		give_up_malformed();
	truncated = send_rows(query, answer);
	if (truncated && session_next(query->session, answer, &error) != NULL)
		reading_stop(answer);
	else
		mysql_free_result(answer);
	return truncated;
}

bool
query_source(Request *request)
{
	Query query = {.session = reading_open(request), .request = request};
	bool truncated = false;

	check_text(request->query.text);
	session_set(query.session, "START TRANSACTION READ ONLY");
	prepare(&query);
	if (!request->query.check_only)
		truncated = run(&query);
	sql_arena_free(&query.arena);
	return truncated;
}
