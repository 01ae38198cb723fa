/*
 * http.c — rivergen.http: one request of the paths below /api/v1, in one call.
 *
 * Everything runs in a subtransaction, so that a failed request changes nothing although PostgREST commits:
 * for PostgREST the envelope of an error is an ordinary answer. A GET runs read-only.
 *
 * Errors that end the session or come from outside (cancel, shutdown) are rethrown. The text of an unexpected
 * error goes only into the server's log.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "arguments.h"
#include "catalog/data_source.h"
#include "catalog/description.h"
#include "dispatch.h"
#include "error.h"
#include "http/answer.h"
#include "sql.h"
#include "version.h"

PG_FUNCTION_INFO_V1(rg_sql_http);

/* ---- a request that succeeds ---- */

static void
identify(const RgRoute *route)
{
	SPI_connect();
	(void) rg_identify(route->least);
	SPI_finish();
}

static Jsonb *
run_statement(const RgRoute *route, RgArguments *arguments)
{
	Datum answer;
	bool is_null;

	XactReadOnly |= strcmp(route->method, "GET") == 0;
	SPI_connect();
	if (rg_spi_run(route->statement, arguments->values, arguments->nulls) != 1)
		elog(ERROR, "%s did not answer", route->operation);
	answer = rg_spi_datum(0, 1, &is_null);
	if (is_null)
		elog(ERROR, "%s answered null", route->operation);
	answer = SPI_datumTransfer(answer, false, -1);
	SPI_finish();
	return DatumGetJsonbP(answer);
}

static void
refuse_method(RgHttpAnswer *answer, const RgRequestLine *line, const char *allow)
{
	rg_answer_failure(
		answer, RG_METHOD_NOT_ALLOWED,
		psprintf("%s is not possible here", rg_printable_name(line->method, strlen(line->method))),
		psprintf("Possible: %s.", allow), NULL);
	rg_answer_header(answer, "Allow", allow);
}

/* The caller is identified before any fault of the request is reported, except for unknown paths. */
static void
serve(RgHttpAnswer *answer, const bytea *body)
{
	RgRequestHeaders headers = rg_http_headers();
	RgRequestLine line = rg_http_request_line(&headers);
	RgSegments segments;
	RgArguments arguments;
	char *allow;

	rg_version_require();

	const RgRoute *route = rg_http_dispatch(&line, &segments, &allow);

	if (route == NULL)
	{
		refuse_method(answer, &line, allow);
		return;
	}
	if (route->document == NULL)
		identify(route);
	rg_http_arguments(route, &segments, line.query, &headers, body, &arguments);
	if (route->document != NULL)
	{
		answer->status = route->status;
		answer->document = route->document();
	}
	else
	{
		answer->called = route;
		rg_answer_success(answer, route, &arguments, run_statement(route, &arguments));
		rg_answer_unless_had(answer, route, headers.if_none_match);
	}
}

/* ---- a request that fails ---- */

/* The status of SQLSTATE PT<status>, 0 for other errors. */
static int
status_of(int sqlstate)
{
	const char *text = unpack_sql_state(sqlstate);

	return strncmp(text, "PT", 2) == 0 && strspn(text + 2, "0123456789") == 3 ? atoi(text + 2) : 0;
}

static bool
must_be_thrown_on(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_QUERY_CANCELED || error->sqlerrcode == ERRCODE_ASSERT_FAILURE ||
		   ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION;
}

/*
 * Two requests conflicted and the client may repeat this one. PostgREST would repeat some of these without
 * end.
 */
static bool
is_collision(int sqlstate)
{
	return sqlstate == ERRCODE_T_R_SERIALIZATION_FAILURE || sqlstate == ERRCODE_T_R_DEADLOCK_DETECTED ||
		   sqlstate == ERRCODE_LOCK_NOT_AVAILABLE;
}

/*
 * Without detail and context, which quote rows and requests. All is in the message, since a gateway's
 * sessions log tersely.
 */
static void
log_unforeseen(const ErrorData *error)
{
	ereport(LOG, (errcode(error->sqlerrcode),
				  errmsg("rivergen.http failed: %s (SQLSTATE %s, raised by %s)", error->message,
						 unpack_sql_state(error->sqlerrcode),
						 error->funcname ? error->funcname : "an unknown function"),
				  errhidestmt(true), errhidecontext(true)));
}

/* Has If-Match named another version? */
static bool
is_failed_precondition(const char *message)
{
	return strcmp(message, RG_CHANGED_SINCE) == 0 || strcmp(message, RG_DESCRIPTION_CHANGED_SINCE) == 0;
}

static void
answer_error(RgHttpAnswer *answer, const ErrorData *error)
{
	int status = status_of(error->sqlerrcode);

	answer->header_count = 0;
	if (status == RG_CONFLICT && is_failed_precondition(error->message))
		rg_answer_failure(answer, RG_PRECONDITION_FAILED, error->message, NULL, error->hint);
	else if (status != 0)
		rg_answer_failure(answer, status, error->message, error->detail, error->hint);
	else if (is_collision(error->sqlerrcode))
		rg_answer_failure(answer, RG_UNAVAILABLE, "Another request is in the way", NULL, "Try again.");
	else
	{
		log_unforeseen(error);
		rg_answer_failure(answer, RG_INTERNAL_ERROR, "Internal server error", NULL, NULL);
	}
}

/* ---- both ---- */

static void
serve_guarded(RgHttpAnswer *answer, const bytea *body)
{
	MemoryContext memory = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	bool for_postgrest = rg_error_for_postgrest(false);

	rg_error_try_after(0);
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(memory);
	PG_TRY();
	{
		serve(answer, body);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(memory);
		CurrentResourceOwner = owner;
		rg_error_for_postgrest(for_postgrest);
	}
	PG_CATCH();
	{
		ErrorData *error;

		rg_error_for_postgrest(for_postgrest);
		MemoryContextSwitchTo(memory);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(memory);
		CurrentResourceOwner = owner;
		/* Behind the rollback: a session ends only its own transaction. */
		if (must_be_thrown_on(error))
			ReThrowError(error);
		answer_error(answer, error);
	}
	PG_END_TRY();
}

Datum
rg_sql_http(PG_FUNCTION_ARGS)
{
	RgHttpAnswer answer = {0};

	serve_guarded(&answer, PG_ARGISNULL(0) ? NULL : PG_GETARG_BYTEA_PP(0));
	rg_answer_tell(&answer);
	if (answer.document == NULL)
		answer.document = JsonbToCString(NULL, &answer.body->root, VARSIZE(answer.body));
	PG_RETURN_TEXT_P(cstring_to_text(answer.document));
}
