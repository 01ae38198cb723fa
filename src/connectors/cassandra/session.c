#include "connectors/cassandra/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/guard/guard.h"

#define LOCAL_ONE        0x000A
#define QUERY_VALUES     0x01
#define QUERY_PAGE_SIZE  0x04
#define QUERY_PAGING     0x08
#define USUAL_PAGE_SIZE  1000
#define SMALLER_PAGES    16
#define RESULT_ROWS      2
#define ROWS_GLOBAL      0x01
#define ROWS_HAVE_MORE   0x02
#define ROWS_NO_METADATA 0x04
#define DEEPEST_OPTION   32

void
statement_add(Statement *statement, const void *bytes, size_t length)
{
	put_long_string(&statement->values, bytes, length);
	statement->value_count++;
}

void
statement_free(Statement *statement)
{
	wire_free(&statement->text);
	wire_free(&statement->values);
}

/* ---- failures ---- */

bool
error_is_transient(uint32_t error)
{
	return error >= CQL_UNAVAILABLE && error < CQL_FUNCTION;
}

void
give_up_malformed(void)
{
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The server's answer is not as the CQL protocol has it.",
					   .hint = "Check what stands between here and the server."});
}

void
give_up_query(uint32_t error)
{
	char message[96];

	if (error == CQL_UNAUTHORIZED)
		give_up(&(Failure){.step = "query",
						   .code = "permission",
						   .message = "The user of the data source may not read the server's catalog.",
						   .hint = "Grant it SELECT on the keyspaces system and system_schema."});
	snprintf(message, sizeof(message), "The server refused a query of its catalog (0x%04X).",
			 (unsigned) error & 0xFFFF);
	give_up(
		&(Failure){.step = "query",
				   .code = "query",
				   .transient = error_is_transient(error),
				   .message = message,
				   .hint = error == CQL_INVALID ? "Cassandra 3.0 and later have what is asked for." : NULL});
}

static void give_up_lost(void) __attribute__((noreturn));

static void
give_up_lost(void)
{
	if (guard_is_late())
		give_up(&(Failure){.step = "query",
						   .code = "timeout",
						   .transient = true,
						   .message = "The server did not answer a query within the time allowed."});
	give_up(&(Failure){.step = "query",
					   .code = "query",
					   .transient = true,
					   .message = "The connection to the server was lost."});
}

/* ---- the head of an answer ---- */

static void
pass_over_option(Body *body, int depth)
{
	unsigned count = 0;

	if (depth > DEEPEST_OPTION)
		body->is_broken = true;
	if (body->is_broken)
		return;
	switch (body_short(body))
	{
		case 0x00: /* another class */
			(void) body_string(body);
			break;
		case 0x20: /* list */
		case 0x22: /* set */
			count = 1;
			break;
		case 0x21: /* map */
			count = 2;
			break;
		case 0x30: /* user-defined */
			(void) body_string(body);
			(void) body_string(body);
			for (count = body_short(body); count > 0 && !body->is_broken; count--)
			{
				(void) body_string(body);
				pass_over_option(body, depth + 1);
			}
			break;
		case 0x31: /* tuple */
			count = body_short(body);
			break;
		default:
			break;
	}
	for (; count > 0 && !body->is_broken; count--)
		pass_over_option(body, depth + 1);
}

static void
pass_over_columns(Body *body, int32_t flags, int32_t count)
{
	if (flags & ROWS_GLOBAL)
	{
		(void) body_string(body);
		(void) body_string(body);
	}
	for (int32_t i = 0; i < count && !body->is_broken; i++)
	{
		if ((flags & ROWS_GLOBAL) == 0)
		{
			(void) body_string(body);
			(void) body_string(body);
		}
		(void) body_string(body);
		pass_over_option(body, 0);
	}
}

static void
keep_paging(Answer *answer, Body *body, int32_t flags)
{
	Bytes state = {0};

	answer->has_more = (flags & ROWS_HAVE_MORE) != 0;
	if (answer->has_more)
		state = body_value(body);
	answer->paging.length = 0;
	wire_append(&answer->paging, (const char *) state.bytes, state.length);
}

/* The types of the columns are known from the catalog. */
static void
read_head(Answer *answer, Body *body)
{
	bool is_rows = body_int(body) == RESULT_ROWS;
	int32_t flags = body_int(body);
	int32_t columns = body_int(body);

	if (!is_rows || columns != answer->columns)
		give_up_malformed();
	keep_paging(answer, body, flags);
	if ((flags & ROWS_NO_METADATA) == 0)
		pass_over_columns(body, flags, columns);
	answer->left = body_int(body);
	answer->rows = *body;
	if (body->is_broken || answer->left < 0)
		give_up_malformed();
}

/* ---- pages ---- */

static void
write_request(const Answer *answer, WireBuffer *request)
{
	const Statement *statement = answer->statement;
	unsigned flags = QUERY_PAGE_SIZE | (statement->value_count > 0 ? QUERY_VALUES : 0u) |
					 (answer->has_more ? QUERY_PAGING : 0u);

	put_long_string(request, statement->text.data, statement->text.length);
	put_short(request, LOCAL_ONE);
	put_byte(request, flags);
	if (statement->value_count > 0)
	{
		put_short(request, (unsigned) statement->value_count);
		wire_append(request, statement->values.data, statement->values.length);
	}
	put_int(request, answer->page_size);
	if (answer->has_more)
		put_long_string(request, answer->paging.data, answer->paging.length);
}

/* Returns false with the server's error. */
static bool
ask_once(Answer *answer, uint32_t *error)
{
	WireBuffer request = {0};
	FrameReader *reader = &answer->session->reader;
	FrameState state = FRAME_LOST;
	Opcode opcode;
	Body body;

	if (answer->statement->text.failed || answer->statement->values.failed)
		give_up_out_of_memory();
	write_request(answer, &request);
	guard_until(deadline_after(answer->session->query_timeout));
	if (frame_send(reader->connection, OPCODE_QUERY, &request))
		state = frame_receive(reader, &opcode, &body);
	wire_free(&request);
	if (state == FRAME_LOST)
		give_up_lost();
	if (state == FRAME_TOO_LONG)
	{
		*error = CQL_TOO_LONG_FRAME;
		return false;
	}
	if (state == FRAME_FINE && opcode == OPCODE_ERROR)
	{
		*error = (uint32_t) body_int(&body);
		if (*error == 0)
			*error = CQL_SERVER;
		return false;
	}
	if (state != FRAME_FINE || opcode != OPCODE_RESULT)
		give_up_malformed();
	read_head(answer, &body);
	return true;
}

/* A page whose rows are long is asked for again in smaller ones. */
static bool
ask(Answer *answer, uint32_t *error)
{
	while (!ask_once(answer, error))
	{
		if (*error != CQL_TOO_LONG_FRAME || answer->page_size == 1)
			return false;
		answer->page_size = answer->page_size > SMALLER_PAGES ? answer->page_size / SMALLER_PAGES : 1;
	}
	*error = 0;
	return true;
}

static bool
ask_or_give_up(Answer *answer, uint32_t *error)
{
	uint32_t own = 0;
	bool fine = ask(answer, error ? error : &own);

	if (!fine && error == NULL)
		give_up_query(own);
	return fine;
}

bool
answer_begin(Answer *answer, Session *session, const Statement *statement, int columns, uint32_t *error)
{
	*answer = (Answer){.session = session,
					   .statement = statement,
					   .columns = columns,
					   .page_size = statement->page_size > 0 ? statement->page_size : USUAL_PAGE_SIZE};
	return ask_or_give_up(answer, error);
}

bool
answer_next(Answer *answer, Bytes *values, uint32_t *error)
{
	while (answer->left == 0)
	{
		if (!answer->has_more)
			return false;
		if (answer->goes_on)
			answer->goes_on(answer->argument);
		if (!ask_or_give_up(answer, error))
			return false;
	}
	answer->left--;
	for (int i = 0; i < answer->columns; i++)
		values[i] = body_value(&answer->rows);
	if (answer->rows.is_broken)
		give_up_malformed();
	return true;
}

void
answer_end(Answer *answer)
{
	wire_free(&answer->paging);
}

void
session_close(Session *session)
{
	frame_reader_free(&session->reader);
	if (session->reader.connection)
		tcp_close(session->reader.connection);
	*session = (Session){0};
}
