#include "connectors/snowflake/statement.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "connectors/common/deadline.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/input.h"
#include "connectors/common/memory.h"
#include "connectors/service/answer.h"

/* Milliseconds between two questions whether a statement is done. They double. */
#define FIRST_PAUSE 20
#define MOST_PAUSE  2000

/* Standard input is looked at after so many milliseconds. */
#define WATCH_PAUSE 50

#define MOST_HANDLE 128

/* ---- the request ---- */

/* Binary values come as digits, and partitions are as small as the service makes them. */
static void
write_parameters(WireBuffer *body)
{
	document_member(body, "parameters");
	document_literal(body, "{\"BINARY_OUTPUT_FORMAT\":\"HEX\",\"CLIENT_RESULT_CHUNK_SIZE\":\"48\","
						   "\"MULTI_STATEMENT_COUNT\":\"1\",\"QUERY_TAG\":\"rivergen\"}");
}

static void
write_body(WireBuffer *body, const Service *service, const Statement *statement)
{
	document_literal(body, "{");
	document_text(body, "statement", statement->sql);
	document_member(body, "timeout");
	wire_append_integer(body, service->timeout);
	document_text(body, "warehouse", service->warehouse);
	document_text(body, "role", service->role);
	write_parameters(body);
	if (statement->bindings != NULL && statement->bindings->length > 0)
	{
		document_member(body, "bindings");
		document_literal(body, "{");
		wire_append(body, statement->bindings->data, statement->bindings->length);
		document_literal(body, "}");
		body->failed |= statement->bindings->failed;
	}
	document_literal(body, "}");
}

/* ---- the wait ---- */

/* The handle of a statement, with which its path is made; NULL: the answer has none. */
static char *
read_handle(const HttpAnswer *answer)
{
	static WireObject members;
	const char *data = answer->body.data ? answer->body.data : "";
	char *handle = NULL;

	if (wire_object_scan(data, answer->body.length, &members) == NULL)
		handle = wire_string_dup(wire_member(&members, "statementHandle"));
	if (handle != NULL &&
		(*handle == '\0' || strlen(handle) > MOST_HANDLE ||
		 strspn(handle, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != strlen(handle)))
	{
		free(handle);
		handle = NULL;
	}
	return handle;
}

static void
end_if_abandoned(Service *service, const char *handle)
{
	if (!service->is_watched || !input_has_ended())
		return;
	service_cancel(service, handle);
	_Exit(EXIT_FAILURE);
}

static void
pause_for(Service *service, const char *handle, int milliseconds)
{
	while (milliseconds > 0)
	{
		int part = milliseconds < WATCH_PAUSE ? milliseconds : WATCH_PAUSE;
		struct timespec time = {.tv_nsec = part * 1000000L};

		end_if_abandoned(service, handle);
		clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
		milliseconds -= part;
	}
	end_if_abandoned(service, handle);
}

/* Returns true once the answer is that of a statement that is done. */
static bool
wait_for_result(Service *service, const char *handle, HttpAnswer *answer, HttpFailure *failure)
{
	Deadline deadline = deadline_after(service->timeout);
	int pause = FIRST_PAUSE;

	while (answer->status == 202)
	{
		int left = deadline_milliseconds(deadline);

		if (left == 0)
		{
			service_cancel(service, handle);
			*failure = (HttpFailure){.step = "query",
									 .code = "timeout",
									 .transient = true,
									 .message = "The statement took longer than query_timeout.",
									 .hint = "The service was asked to cancel it."};
			return false;
		}
		pause_for(service, handle, pause < left ? pause : left);
		pause = 2 * pause < MOST_PAUSE ? 2 * pause : MOST_PAUSE;
		http_answer_free(answer);
		if (!service_ask(service, handle, -1, answer, failure))
			return false;
	}
	return true;
}

void
statement_begin(StatementRun *run, Service *service, const Statement *statement)
{
	*run = (StatementRun){.service = service};
	write_body(&run->body, service, statement);
	run->submission = (Submission){.body = &run->body, .is_async = statement->is_async};
	service_begin(service, &run->submission);
}

void
statement_abandon(StatementRun *run)
{
	http_abandon(run->submission.pending);
	wire_free(&run->body);
}

/* Takes the rows of the statement once it is done. */
static bool
take_result(StatementRun *run, Result *result, HttpAnswer *answer, HttpFailure *failure)
{
	char *handle = read_handle(answer);

	if (handle == NULL)
	{
		*failure = (HttpFailure){.step = "query",
								 .code = "protocol",
								 .message = "What answers at this address and port is no service of "
											"Snowflake's SQL API.",
								 .detail = "The answer names no statement."};
		return false;
	}
	if (wait_for_result(run->service, handle, answer, failure))
		return result_begin(result, run->service, handle, answer, failure);
	free(handle);
	return false;
}

bool
statement_finish(StatementRun *run, Result *result, HttpFailure *failure)
{
	HttpAnswer answer = {0};
	bool fine;

	*result = (Result){.service = run->service};
	fine = service_finish(run->service, &run->submission, &answer, failure) &&
		   take_result(run, result, &answer, failure);
	if (!fine)
	{
		result_end(result);
		*result = (Result){.service = run->service};
	}
	http_answer_free(&answer);
	wire_free(&run->body);
	return fine;
}

bool
statement_run(Result *result, Service *service, const Statement *statement, HttpFailure *failure)
{
	StatementRun run;

	statement_begin(&run, service, statement);
	return statement_finish(&run, result, failure);
}
