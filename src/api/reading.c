/*
 * reading.c — rivergen.rows, query and query_rows: a stream from the source, as one answer or as rows.
 */
#include "catalog/reading.h"

#include "postgres.h"

#include "access/htup_details.h"
#include "access/xlog.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "api/api.h"
#include "api/discovery.h"
#include "catalog/attachment.h"
#include "catalog/identity.h"
#include "check/fault.h"
#include "error.h"
#include "json.h"
#include "json_value.h"
#include "stream/json_rows.h"
#include "stream/record_rows.h"
#include "stream/stream.h"

#define MOST_ROWS 1000000

PG_FUNCTION_INFO_V1(rg_sql_rows);
PG_FUNCTION_INFO_V1(rg_sql_query);
PG_FUNCTION_INFO_V1(rg_sql_query_rows);

/* The reader writes to the catalog. */
static void
require_primary(void)
{
	if (RecoveryInProgress())
		rg_fail_on_standby("a standby reads no data source");
}

static void
check_limit(RgFaults *faults, FunctionCallInfo fcinfo, int argument)
{
	if (!PG_ARGISNULL(argument) && (PG_GETARG_INT64(argument) < 1 || PG_GETARG_INT64(argument) > MOST_ROWS))
		rg_fault(faults, "row_limit", "must be between 1 and %d", MOST_ROWS);
}

static int64
bounded(int64 given, int64 most)
{
	return most > 0 && (given == 0 || most < given) ? most : given;
}

static void
require_readable(const RgIdentity *identity, int64 data_source_id, const char *capability)
{
	RgDiscoverySource source = rg_api_find_source(identity, data_source_id);

	rg_api_require_connector(source.type);
	rg_attachment_require_capability(identity, data_source_id, capability);
}

/* ---- rows ---- */

static RgRowsQuestion
rows_question(FunctionCallInfo fcinfo, int64 data_source_id)
{
	RgRowsQuestion question = {.data_source_id = data_source_id,
							   .schema = rg_api_optional_text(fcinfo, 1),
							   .table = rg_api_optional_text(fcinfo, 2),
							   .columns = PG_ARGISNULL(3) ? NULL : PG_GETARG_ARRAYTYPE_P(3),
							   .limit = PG_ARGISNULL(4) ? 1000 : PG_GETARG_INT64(4)};
	RgFaults faults;

	rg_faults_begin(&faults);
	if (question.table == NULL)
		rg_fault(&faults, "table_name", "is required");
	if (question.columns != NULL &&
		(ArrayGetNItems(ARR_NDIM(question.columns), ARR_DIMS(question.columns)) == 0 ||
		 ARR_NDIM(question.columns) > 1 || array_contains_nulls(question.columns)))
		rg_fault(&faults, "columns", "must be an array of at least one name, without null");
	check_limit(&faults, fcinfo, 4);
	rg_faults_raise(&faults);
	return question;
}

/* Without columns the source sends only the number of rows, which is no use here. */
static void
require_columns(const RgRowsQuestion *question)
{
	if (JB_ROOT_COUNT(question->described) == 0)
		rg_fail(RG_CONFLICT, psprintf("table \"%s\" has no columns", question->table), NULL, NULL);
}

/* is_bounded: max_rows forbids to ask for one row more than are wanted, which would tell whether there are
 * more. */
static Jsonb *
collect(const RgStreamRequest *request, RgJsonRows *rows, bool is_bounded)
{
	RgStream *stream = rg_stream_open(request);
	RgStreamPart part;
	bool truncated = false;

	do
	{
		rg_stream_next(stream, &part);
		if (part.kind == RG_STREAM_ROWS)
			truncated = !rg_stream_json_add(rows, &part);
	} while (!truncated && part.kind != RG_STREAM_END);
	rg_stream_close(stream);
	return rg_stream_json_end(rows, truncated || (is_bounded && rg_stream_json_is_full(rows)));
}

Datum
rg_sql_rows(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_VIEWER);
	int64 data_source_id = rg_api_required_id(fcinfo, 0, "data_source_id");

	rg_identity_require_own_call();

	require_readable(&identity, data_source_id, "read");

	RgReadable readable = rg_reading_require(&identity, data_source_id, "read");
	RgRowsQuestion question = rows_question(fcinfo, data_source_id);
	int64 limit = bounded(question.limit, readable.max_rows);

	require_primary();
	question.limit = bounded(limit + 1, readable.max_rows);
	rg_reading_find_table(&identity, &question);
	require_columns(&question);

	RgStreamRequest request = {.operation = "read",
							   .question = question.text,
							   .organization_id = identity.organization_id,
							   .data_source_id = data_source_id,
							   .user_id = identity.user_id,
							   .schema = question.schema,
							   .relation = question.table,
							   .timeout = readable.timeout,
							   .takes_a_part = true};
	RgJsonRows *rows = rg_stream_json_begin(&question.described->root, readable.masking, limit);

	return rg_api_answer(collect(&request, rows, question.limit == limit), "Rows retrieved successfully");
}

/* ---- query ---- */

typedef struct QueryCall
{
	RgIdentity identity;
	int64 data_source_id;
	char *text;
	int64 limit; /* 0: none */
	bool check_only;
	int32 timeout;
} QueryCall;

static const char *
query_question(const QueryCall *call)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&state, "text", rg_json_text(call->text));
	rg_json_put(&state, "limit", call->limit == 0 ? rg_json_null() : rg_json_integer(call->limit));
	rg_json_put(&state, "check_only", rg_json_boolean(call->check_only));
	return JsonbToCString(NULL, &JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL))->root, 0);
}

/* Identifies the caller and checks the arguments; opens the stream. */
static RgStream *
open_query(FunctionCallInfo fcinfo, QueryCall *call, int64 default_limit)
{
	RgFaults faults;

	call->identity = rg_identify(RG_EDITOR);
	call->data_source_id = rg_api_required_id(fcinfo, 0, "data_source_id");
	require_readable(&call->identity, call->data_source_id, "query");

	RgReadable readable = rg_reading_require(&call->identity, call->data_source_id, "query");

	rg_faults_begin(&faults);
	call->text = rg_api_optional_text(fcinfo, 1);
	if (call->text == NULL || call->text[strspn(call->text, " \t\r\n")] == '\0')
		rg_fault(&faults, "query", "is required");
	check_limit(&faults, fcinfo, 2);
	if (!PG_ARGISNULL(3) && (PG_GETARG_INT32(3) < 1 || PG_GETARG_INT32(3) > 86400))
		rg_fault(&faults, "timeout", "must be between 1 and 86400");
	rg_faults_raise(&faults);
	require_primary();
	call->limit = PG_ARGISNULL(2) ? default_limit : PG_GETARG_INT64(2);
	/* A document says that it was cut. Rows cannot: more than max_rows are an error. */
	if (default_limit > 0)
		call->limit = bounded(call->limit, readable.max_rows);
	call->timeout = (int32) bounded(PG_ARGISNULL(3) ? 0 : PG_GETARG_INT32(3), readable.timeout);

	RgStreamRequest request = {.operation = "query",
							   .question = query_question(call),
							   .organization_id = call->identity.organization_id,
							   .data_source_id = call->data_source_id,
							   .user_id = call->identity.user_id,
							   .timeout = call->timeout,
							   .takes_a_part = default_limit > 0};

	return rg_stream_open(&request);
}

/* The columns of the head; they live as long as the current memory context. */
static JsonbContainer *
columns_of(const RgStreamPart *head)
{
	const char *fault;
	Jsonb *json =
		head->kind == RG_STREAM_HEAD ? rg_json_parse(head->json, (int) strlen(head->json), &fault) : NULL;
	JsonbValue *columns = json != NULL ? rg_json_member(&json->root, "columns") : NULL;

	if (columns == NULL || columns->type != jbvBinary || !JsonContainerIsArray(columns->val.binary.data))
		rg_fail(RG_BAD_GATEWAY, "the connector broke the protocol",
				"It did not say the columns of the query.",
				"The fault is the connector's: report it to its maker.");
	return columns->val.binary.data;
}

Datum
rg_sql_query(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	QueryCall call = {.check_only = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4)};
	RgStream *stream = open_query(fcinfo, &call, 1000);
	RgStreamPart part;

	rg_stream_next(stream, &part);

	RgJsonRows *rows = rg_stream_json_begin(columns_of(&part), false, call.limit);

	while (part.kind != RG_STREAM_END)
	{
		rg_stream_next(stream, &part);
		if (part.kind == RG_STREAM_ROWS && !rg_stream_json_add(rows, &part))
			break;
	}

	bool truncated = part.kind != RG_STREAM_END || part.truncated;

	rg_stream_close(stream);
	return rg_api_answer(rg_stream_json_end(rows, truncated),
						 call.check_only ? "The query is valid" : "Query completed successfully");
}

static void
require_column_list(FunctionCallInfo fcinfo)
{
	const ReturnSetInfo *result = (const ReturnSetInfo *) fcinfo->resultinfo;

	if (result == NULL || !IsA(result, ReturnSetInfo) || result->expectedDesc == NULL)
		rg_fail(
			RG_BAD_REQUEST, "rivergen.query_rows needs a list of columns", NULL,
			"SELECT * FROM rivergen.query_rows(1, 'SELECT …') AS t (id bigint, name text). rivergen.query "
			"answers without such a list.");
}

static Oid
owner_of(Oid function)
{
	HeapTuple found = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid owner;

	if (!HeapTupleIsValid(found))
		elog(ERROR, "cache lookup failed for function %u", function);
	owner = ((Form_pg_proc) GETSTRUCT(found))->proowner;
	ReleaseSysCache(found);
	return owner;
}

/*
 * The types of the rows are the caller's, and so is what they run, such as the check of a domain. So the
 * function is no SECURITY DEFINER: it opens the query as its owner, and makes the rows as the caller. An
 * error gives the caller's role back.
 */
static RgStream *
open_query_as_owner(FunctionCallInfo fcinfo, QueryCall *call)
{
	Oid caller;
	int context;
	RgStream *stream;

	GetUserIdAndSecContext(&caller, &context);
	/* A materialized view of the session's own role is a call of its user. */
	SetUserIdAndSecContext(
		owner_of(fcinfo->flinfo->fn_oid),
		(caller == GetSessionUserId() ? context & ~SECURITY_RESTRICTED_OPERATION : context) |
			SECURITY_LOCAL_USERID_CHANGE);
	(void) rg_identify(RG_EDITOR);
	require_column_list(fcinfo);
	stream = open_query(fcinfo, call, 0);
	SetUserIdAndSecContext(caller, context);
	return stream;
}

Datum
rg_sql_query_rows(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	QueryCall call = {0};
	RgStream *stream = open_query_as_owner(fcinfo, &call);

	/* The executor frees the descriptor of the result after each call, so it is a copy. */
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);

	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	RgStreamPart part;

	rg_stream_next(stream, &part);

	RgRecordRows *rows = rg_stream_record_begin(columns_of(&part), result->setDesc, result->setResult);

	while (part.kind != RG_STREAM_END)
	{
		rg_stream_next(stream, &part);
		if (part.kind == RG_STREAM_ROWS)
			rg_stream_record_add(rows, &part);
	}
	rg_stream_close(stream);
	rg_api_end();
	PG_RETURN_NULL();
}
