/*
 * test.c — a test asks the connector to connect, authenticate and report the version of the server. The
 * caller gets the result, good or bad; for a stored source it is recorded too.
 */
#include "test.h"

#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "pgstat.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "attempt.h"
#include "report_json.h"
#include "catalog/audit.h"
#include "catalog/quarantine.h"
#include "error.h"
#include "json.h"
#include "queue/bounds.h"
#include "queue/definition.h"
#include "queue/pool.h"
#include "queue/calls.h"
#include "queue/long_answer.h"
#include "sql.h"
#include "transaction.h"

/* Longer texts would not fit into the answer. */
#define TEXT_MAX_BYTES 1000

typedef struct RgTest
{
	const RgCall *request;
	bool is_stored; /* its state is set; otherwise it is a definition, or only lists databases */
	RgAttempt attempt;
} RgTest;

static RgInterruption
check(void *argument)
{
	const RgTest *test = argument;

	return rg_call_is_waited_for(test->request) ? RG_UNDISTURBED : RG_ABANDONED;
}

/* ---- before ---- */

static bool
load_stored(RgTest *test)
{
	const RgCall *request = test->request;
	MemoryContext memory = CurrentMemoryContext;

	rg_transaction_begin();
	MemoryContextSwitchTo(memory);

	bool found = rg_endpoint_load(request->organization_id, request->data_source_id, &test->attempt.endpoint);

	if (found)
	{
		rg_pool_set_test(request->organization_id, request->data_source_id);
		test->is_stored =
			!request->lists && rg_state_begin_test(request->organization_id, request->data_source_id);
	}
	rg_transaction_commit();
	return found;
}

static bool
load_definition(RgTest *test)
{
	RgDefinitionToTest definition;
	MemoryContext memory = CurrentMemoryContext;

	if (!rg_call_definition(test->request, &definition))
		return false;
	rg_transaction_begin();
	MemoryContextSwitchTo(memory);
	rg_endpoint_of_definition(test->request->organization_id, definition.columns, &test->attempt.endpoint);
	rg_transaction_commit();
	test->attempt.endpoint.key_id = definition.key_id;
	test->attempt.endpoint.sealed = definition.sealed;
	return true;
}

static bool
load(RgTest *test)
{
	bool found = test->request->data_source_id != 0 ? load_stored(test) : load_definition(test);

	if (found)
		(void) rg_bounds_take_hosts(&test->attempt.endpoint.host_keys, true);
	return found;
}

/* ---- after ---- */

static void
write_outcome(const RgTest *test, const RgConnection *connection)
{
	int64 organization_id = test->request->organization_id;
	int64 data_source_id = test->request->data_source_id;

	if (connection->success)
	{
		rg_state_connected(organization_id, data_source_id, connection->server_version);
		rg_attempt_keep_host_key(&test->attempt);
		(void) rg_quarantine_end(organization_id, data_source_id);
	}
	else
		rg_state_failed(organization_id, data_source_id, connection->message);
	rg_connection_record(organization_id, data_source_id, connection);
}

static void
write_state(const RgTest *test, const RgConnection *connection)
{
	if (test->attempt.interruption == RG_UNDISTURBED && !test->attempt.failure.elsewhere)
		write_outcome(test, connection);
	else
		rg_state_end_test(test->request->organization_id, test->request->data_source_id);
}

static char *
shortened(const char *text)
{
	return text ? psprintf("%.*s", (int) pg_mbcliplen(text, strlen(text), TEXT_MAX_BYTES), text) : NULL;
}

/* JSON text of the entry in the audit trail. */
static char *
describe_for_audit(const RgTest *test, const RgConnection *connection)
{
	const RgEndpoint *endpoint = &test->attempt.endpoint;
	const RgReport *report = &test->attempt.report;
	const char *missing = rg_report_missing(report);
	const char *dialed = rg_report_dialed(report);
	bool interrupted = test->attempt.interruption != RG_UNDISTURBED;
	StringInfoData detail;

	initStringInfo(&detail);
	appendStringInfo(&detail, "{\"success\": %s", connection->success ? "true" : "false");
	rg_json_append_text(&detail, "type", endpoint->type);
	rg_json_append_text(&detail, "host", endpoint->host);
	appendStringInfo(&detail, ", \"port\": %s", endpoint->port > 0 ? psprintf("%d", endpoint->port) : "null");
	rg_json_append_text(&detail, "failed_step", interrupted ? NULL : connection->step);
	rg_json_append_text(&detail, "error_code", interrupted ? "interrupted" : connection->code);
	rg_json_append_text(&detail, "sandbox_level", report->level[0] != '\0' ? report->level : NULL);
	appendStringInfo(&detail, ", \"sandbox_missing\": %s, \"dialed\": %s}", missing ? missing : "null",
					 dialed ? dialed : "null");
	return detail.data;
}

/* The caller's rollback does not undo the entry in the audit trail, nor does its leaving keep it from being
 * written. */
static void
write_end(const RgTest *test, const RgConnection *connection)
{
	const RgCall *request = test->request;

	rg_transaction_begin();
	if (test->is_stored)
		write_state(test, connection);
	rg_audit_by_worker(request->lists ? "data_source.databases_listed" : "data_source.tested",
					   request->organization_id, request->user_id, request->login_role,
					   request->data_source_id, describe_for_audit(test, connection));
	rg_transaction_commit();
}

char *
rg_test_describe(const RgConnection *connection)
{
	StringInfoData result;

	initStringInfo(&result);
	appendStringInfo(&result,
					 "{\"success\": %s, \"response_time_ms\": ", connection->success ? "true" : "false");
	if (connection->response_time_ms >= 0)
		appendStringInfo(&result, "%d", connection->response_time_ms);
	else
		appendStringInfoString(&result, "null");
	rg_json_append_text(&result, "server_version", shortened(connection->server_version));
	appendStringInfo(&result, ", \"ssh_tunnel_established\": %s",
					 !connection->has_tunnel          ? "null"
					 : connection->tunnel_established ? "true"
													  : "false");
	rg_json_append_text(&result, "failed_step", connection->step);
	rg_json_append_text(&result, "error_code", connection->code);
	rg_json_append_text(&result, "error_message", shortened(connection->message));
	rg_json_append_text(&result, "error_detail", shortened(connection->detail));
	appendStringInfoChar(&result, '}');
	return result.data;
}

/* After an error no connector runs, and the source is as it was. */
static bool
guarded_attempt(RgTest *test)
{
	MemoryContext memory = CurrentMemoryContext;
	volatile bool success = false;

	PG_TRY();
	{
		success =
			rg_attempt(&test->attempt,
					   &(RgQuestion){.operation = test->request->lists ? "databases" : "test"}, NULL, NULL);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(memory);

		ErrorData *error = CopyErrorData();

		FlushErrorState();
		if (test->attempt.conversation.watch.child != NULL)
			rg_watch_stop(&test->attempt.conversation.watch);
		rg_transaction_abort();
		MemoryContextSwitchTo(memory);
		rg_failed_by_error(&test->attempt.failure, "the test could not be done", error);
	}
	PG_END_TRY();
	return success;
}

static const char *
list_of(const RgTest *test)
{
	StringInfo databases = test->attempt.databases;

	appendStringInfoString(databases, databases->len == 0 ? "[]" : "]");
	return databases->data;
}

static void
answer(const RgTest *test, const RgConnection *connection)
{
	const RgFailure *failure = &test->attempt.failure;

	if (test->attempt.interruption != RG_UNDISTURBED)
		rg_call_answer(test->request, 0, RG_UNAVAILABLE, "the test was interrupted", "Try again.");
	else if (failure->elsewhere)
		rg_call_answer(test->request, 0,
					   strcmp(failure->code, "unsupported") == 0 ? RG_NOT_IMPLEMENTED : RG_UNAVAILABLE,
					   failure->message, failure->detail);
	else
	{
		if (test->request->lists && connection->success)
			rg_call_write_long_answer(test->request, list_of(test));
		rg_call_answer(test->request, 0, 0, rg_test_describe(connection), NULL);
	}
}

static void
run(RgTest *test)
{
	RgConnection connection = rg_attempt_outcome(&test->attempt, guarded_attempt(test));

	connection.kind = "test";
	write_end(test, &connection);
	answer(test, &connection);
}

void
rg_test_serve(const RgCall *request)
{
	MemoryContext memory =
		AllocSetContextCreate(CurrentMemoryContext, "rivergen test", ALLOCSET_DEFAULT_SIZES);
	MemoryContext previous = MemoryContextSwitchTo(memory);
	RgTest test = {.request = request, .attempt = {.check = check}};

	test.attempt.argument = &test;
	test.attempt.databases = request->lists ? makeStringInfo() : NULL;
	rg_watch_forget_cancel();
	pgstat_report_activity(STATE_RUNNING,
						   psprintf("rivergen: testing data source " INT64_FORMAT, request->data_source_id));
	if (load(&test))
		run(&test);
	else
		rg_call_answer(request, 0, RG_CONFLICT, "the data source is not committed yet",
					   "Commit the transaction that created it, then test.");
	rg_watch_forget_cancel();
	pgstat_report_activity(STATE_IDLE, NULL);
	MemoryContextSwitchTo(previous);
	MemoryContextDelete(memory);
}

bool
rg_test_is_left(void)
{
	uint64 rows = rg_state_list_testing(false);
	bool is_left = false;

	for (uint64 i = 0; i < rows; i++)
		is_left |= !rg_pool_tests(rg_spi_int64(i, 2));
	return is_left;
}

void
rg_test_rescue(void)
{
	uint64 rows = rg_state_list_testing(true);
	SPITupleTable *testing = SPI_tuptable;

	for (uint64 i = 0; i < rows; i++)
	{
		SPI_tuptable = testing;

		int64 organization_id = rg_spi_int64(i, 1);
		int64 data_source_id = rg_spi_int64(i, 2);

		if (!rg_pool_tests(data_source_id))
			rg_state_end_test(organization_id, data_source_id);
	}
	SPI_tuptable = testing;
}
