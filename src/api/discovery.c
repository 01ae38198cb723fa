/*
 * discovery.c — discover_schema, jobs, and what was discovered.
 */
#include "api/discovery.h"

#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "api/api.h"
#include "api/page.h"
#include "catalog/bounded.h"
#include "catalog/description.h"
#include "catalog/discovery.h"
#include "catalog/identity.h"
#include "check/fault.h"
#include "data_source_types.h"
#include "error.h"
#include "queue/claim.h"
#include "queue/jobs.h"
#include "queue/pool.h"
#include "queue/queue.h"
#include "queue/wait.h"
#include "sql.h"
#include "version.h"
#include "wordlist.h"

PG_FUNCTION_INFO_V1(rg_sql_discover_schema);
PG_FUNCTION_INFO_V1(rg_sql_job_get);
PG_FUNCTION_INFO_V1(rg_sql_job_list);
PG_FUNCTION_INFO_V1(rg_sql_job_cancel);
PG_FUNCTION_INFO_V1(rg_sql_job_progress);
PG_FUNCTION_INFO_V1(rg_sql_data_source_schemas);

#define DEFAULT_JOBS_PER_PAGE 20

static int http_wait_limit = 0;

static bool
flag_argument(FunctionCallInfo fcinfo, int number, bool otherwise)
{
	return PG_ARGISNULL(number) ? otherwise : PG_GETARG_BOOL(number);
}

/* ---- discover_schema ---- */

RgDiscoverySource
rg_api_find_source(const RgIdentity *caller, int64 data_source_id)
{
	RgDiscoverySource source;

	if (!rg_discovery_source(caller->organization_id, data_source_id, &source))
		rg_fail_not_found("data source", data_source_id);
	return source;
}

void
rg_api_require_connector(const char *type)
{
	if (rg_lacks_connector(type))
		rg_fail(
			RG_NOT_IMPLEMENTED, psprintf("no connector for type %s is installed", type),
			"A source of this type can be registered, but neither tested nor discovered.",
			psprintf("The server's administrator can install it: the connector %s. In the list of the types "
					 "connector_installed tells which are there.",
					 type));
}

/* NULL: the job was cancelled because all waiting callers had left. */
static Jsonb *
result_of_job(const RgIdentity *caller, int64 job_id)
{
	RgJobEnd end;
	const char *job = psprintf("job " INT64_FORMAT, job_id);

	if (!rg_discovery_job_end(caller->organization_id, job_id, &end))
		rg_fail(RG_NOT_FOUND, psprintf("%s is gone", job), "The data source was removed meanwhile.", NULL);
	if (end.result != NULL)
		return end.result;
	if (end.error_code != NULL && strcmp(end.error_code, RG_ABANDONED_CODE) == 0)
		return NULL;
	if (strcmp(end.status, "cancelled") == 0)
		rg_fail(RG_CONFLICT, "the discovery was cancelled", psprintf("%s: %s", job, end.error_message), NULL);
	if (end.error_code == NULL)
		rg_fail(RG_UNAVAILABLE, "the discovery has not ended yet", psprintf("%s is %s.", job, end.status),
				psprintf("SELECT rivergen.job_get(" INT64_FORMAT ") shows the job.", job_id));
	rg_fail(rg_error_status_of(end.error_code), end.error_message,
			end.error_detail ? psprintf("%s: %s", job, end.error_detail) : job,
			psprintf("SELECT rivergen.job_get(" INT64_FORMAT ") shows the job.", job_id));
}

typedef struct Discovery
{
	int64 data_source_id;
	char *schema;
	bool refresh;
	bool wait;
	bool full_read;
} Discovery;

void
rg_api_discovery_init(void)
{
	DefineCustomIntVariable(
		"rivergen.http_wait_limit", "Longest wait for a discovery in a session of a gateway; 0 = no limit.",
		"After that the answer is 202 with the id of the job, which goes on: a long discovery holds none of the "
		"gateway's connections for longer. Other sessions always wait for the end.",
		&http_wait_limit, 0, 0, INT_MAX, PGC_SUSET, GUC_UNIT_MS, NULL, NULL, NULL);
}

static int64
enqueue(const RgIdentity *caller, const Discovery *discovery)
{
	rg_queue_require_room(caller->organization_id);
	return rg_queue_enqueue(caller->organization_id, discovery->data_source_id, discovery->schema,
							discovery->full_read, caller->user_id);
}

static TimestampTz
end_of_wait(void)
{
	if (http_wait_limit == 0 || !rg_session_is_gateway())
		return 0;
	return TimestampTzPlusMilliseconds(GetCurrentTimestamp(), http_wait_limit);
}

/* job_id 0: another job has filled the cache since this caller read it. */
static Jsonb *
result_of_wait(const RgIdentity *caller, const Discovery *discovery, int64 job_id)
{
	if (job_id != 0)
		return result_of_job(caller, job_id);
	return rg_discovery_cached(caller->organization_id, discovery->data_source_id, discovery->schema, true);
}

/* NULL: the time is over, and *job_id is the running job. */
static Jsonb *
discovered(const RgIdentity *caller, const Discovery *discovery, const RgDiscoverySource *source,
		   int64 *job_id)
{
	TimestampTz until = end_of_wait();
	bool ended;

	if (source->uncommitted)
		rg_fail(RG_CONFLICT, "the data source was created or changed by this transaction",
				"The discovery runs outside of it and would not see that.",
				"Commit first, then discover; or use wait => false.");
	if (rg_queue_has_cancelled(caller->organization_id, discovery->data_source_id))
		rg_fail(RG_CONFLICT, "a job of the data source was cancelled by this transaction",
				"The job ends when the transaction does, and the discovery would wait for it.",
				"Commit first, then discover; or use wait => false.");
	if (rg_descriptions_uncommitted(caller->organization_id, discovery->data_source_id))
		rg_fail(RG_CONFLICT, "descriptions of the data source were changed by this transaction",
				"The discovery writes the same rows and would wait for the end of the transaction.",
				"Commit first, then discover; or use wait => false.");

	Jsonb *result;

	do
	{
		*job_id = rg_queue_discover_and_wait(caller->organization_id, discovery->data_source_id,
											 discovery->schema, discovery->refresh, discovery->full_read,
											 caller->user_id, until, &ended);
		result = ended ? result_of_wait(caller, discovery, *job_id) : NULL;
	} while (ended && result == NULL);
	if (!ended && *job_id == 0)
		*job_id = enqueue(caller, discovery);
	return result;
}

static void
refuse_maintenance(const RgDiscoverySource *source)
{
	if (source->maintenance)
		rg_fail(RG_CONFLICT, "the data source is in maintenance", NULL,
				"Another status ends it.\nUse rivergen.data_source_set_status.");
}

int64
rg_api_discover_again(const RgIdentity *caller, int64 data_source_id)
{
	int64 job_id;
	Discovery discovery = {.data_source_id = data_source_id, .refresh = true, .wait = true};
	RgDiscoverySource source = rg_api_find_source(caller, data_source_id);

	rg_api_require_connector(source.type);
	refuse_maintenance(&source);
	return discovered(caller, &discovery, &source, &job_id) != NULL ? 0 : job_id;
}

static void
check_scope(const char *schema)
{
	if (schema != NULL && *schema == '\0')
		rg_fail(RG_BAD_REQUEST, "Invalid request data", "schema_name: cannot be empty", NULL);
}

static void
refuse_excluded(const RgIdentity *caller, const Discovery *discovery)
{
	char *reason;

	if (discovery->schema == NULL)
		return;
	reason = rg_discovery_exclusion(caller->organization_id, discovery->data_source_id, discovery->schema);
	if (reason != NULL)
		rg_fail(RG_NOT_FOUND, psprintf("schema \"%s\" is excluded from discovery", discovery->schema), reason,
				"metadata.discovery of the data source says what is excluded.");
}

static Jsonb *
find_cached(const RgIdentity *caller, const Discovery *discovery)
{
	if (discovery->refresh || discovery->full_read)
		return NULL;
	return rg_discovery_cached(caller->organization_id, discovery->data_source_id, discovery->schema, false);
}

static Datum
discover(const Discovery *discovery)
{
	RgIdentity caller = rg_identify(RG_VIEWER);
	RgDiscoverySource source = rg_api_find_source(&caller, discovery->data_source_id);

	check_scope(discovery->schema);
	refuse_excluded(&caller, discovery);

	Jsonb *cached = find_cached(&caller, discovery);

	if (cached != NULL)
		return rg_api_success(cached, "Schema discovery completed");
	(void) rg_identify(RG_EDITOR);
	rg_api_require_connector(source.type);
	refuse_maintenance(&source);
	if (!discovery->wait)
		return rg_api_queued(enqueue(&caller, discovery));

	int64 job_id;
	Jsonb *result = discovered(&caller, discovery, &source, &job_id);

	return result ? rg_api_success(result, "Schema discovery completed") : rg_api_queued(job_id);
}

Datum
rg_sql_discover_schema(PG_FUNCTION_ARGS)
{
	rg_api_begin();
	(void) rg_identify(RG_VIEWER);

	Discovery discovery = {.data_source_id = rg_api_required_id(fcinfo, 0, "data_source_id"),
						   .schema = rg_api_optional_text(fcinfo, 1),
						   .refresh = flag_argument(fcinfo, 2, false),
						   .wait = flag_argument(fcinfo, 3, true),
						   .full_read = flag_argument(fcinfo, 4, false)};
	Datum answer = rg_api_copy_out(discover(&discovery));

	rg_api_end();
	PG_RETURN_DATUM(answer);
}

/* ---- jobs ---- */

static Jsonb *
find_job(const RgIdentity *caller, int64 job_id)
{
	Jsonb *body = rg_discovery_job_body(caller->organization_id, job_id);

	if (body == NULL)
		rg_fail_not_found("job", job_id);
	return body;
}

Datum
rg_sql_job_get(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity caller = rg_identify(RG_VIEWER);
	int64 job_id = rg_api_required_id(fcinfo, 0, "job_id");
	Datum answer = rg_api_copy_out(rg_api_success(find_job(&caller, job_id), "Job retrieved successfully"));

	rg_api_end();
	PG_RETURN_DATUM(answer);
}

static void
check_job_status(RgFaults *faults, const char *status)
{
	if (status == NULL || rg_wordlist_index(rg_wordlist_job_statuses, status) >= 0)
		return;
	rg_fault(faults, "status", "is not a job status");
	rg_fault_hint(faults, psprintf("The valid ones are %s.", rg_wordlist_text(rg_wordlist_job_statuses)));
}

Datum
rg_sql_job_list(PG_FUNCTION_ARGS)
{
	rg_version_require();

	int64 data_source_id = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0);
	char *status = rg_api_optional_text(fcinfo, 1);
	RgFaults faults;

	rg_api_begin();

	RgIdentity caller = rg_identify(RG_VIEWER);

	rg_faults_begin(&faults);
	check_job_status(&faults, status);

	RgPage page = rg_api_page_beside(fcinfo, 2, DEFAULT_JOBS_PER_PAGE, &faults);

	rg_faults_raise(&faults);

	Jsonb *jobs =
		rg_discovery_job_page(caller.organization_id, data_source_id, status, page.number, page.size);
	Datum answer = rg_api_copy_out(rg_api_success(jobs, "Jobs retrieved successfully"));

	rg_api_end();
	PG_RETURN_DATUM(answer);
}

Datum
rg_sql_job_cancel(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity caller = rg_identify(RG_EDITOR);
	int64 job_id = rg_api_required_id(fcinfo, 0, "job_id");

	rg_queue_cancel(caller.organization_id, job_id);

	Datum answer = rg_api_copy_out(rg_api_success(find_job(&caller, job_id), "Job cancellation requested"));

	rg_api_end();
	PG_RETURN_DATUM(answer);
}

Datum
rg_sql_job_progress(PG_FUNCTION_ARGS)
{
	TupleDesc descriptor;
	RgProgress progress = {0};
	Datum values[5];
	bool nulls[5] = {false};

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "job_progress must return a row");
	rg_api_begin();

	RgIdentity caller = rg_identify(RG_VIEWER);

	rg_api_end();
	if (!rg_pool_progress(caller.organization_id, rg_api_required_id(fcinfo, 0, "job_id"), &progress))
		PG_RETURN_NULL();
	values[0] = CStringGetTextDatum(progress.phase);
	values[1] = Int64GetDatum(progress.relations_total);
	nulls[1] = progress.relations_total == 0;
	values[2] = Int64GetDatum(progress.relations);
	values[3] = Int64GetDatum(progress.columns);
	values[4] = Int64GetDatum(progress.bytes);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls)));
}

/* ---- discovered schemas ---- */

static RgSchemasQuestion
schemas_question(FunctionCallInfo fcinfo)
{
	RgSchemasQuestion question = {.data_source_id = rg_api_required_id(fcinfo, 0, "data_source_id"),
								  .schema = rg_api_optional_text(fcinfo, 1),
								  .table = rg_api_optional_text(fcinfo, 2),
								  .include_columns = flag_argument(fcinfo, 3, true)};

	if (!PG_ARGISNULL(4) || !PG_ARGISNULL(5))
	{
		RgPage page = rg_api_page(fcinfo, 4);

		question.page = page.number;
		question.page_size = page.size;
	}
	return question;
}

static void
require_found(const RgIdentity *caller, const RgSchemasQuestion *question, const RgLocated *located)
{
	if (located->count > 0 || located->total > 0 || (question->schema == NULL && question->table == NULL))
		return;
	if (question->table == NULL &&
		rg_discovery_has_schema(caller->organization_id, question->data_source_id, question->schema))
		return;
	rg_fail(RG_NOT_FOUND,
			question->table ? psprintf("table \"%s\" not found", question->table)
							: psprintf("schema \"%s\" not found", question->schema),
			psprintf("Data source " INT64_FORMAT " has none of that name among what was discovered.",
					 question->data_source_id),
			"Names are case-sensitive.\nrivergen.discover_schema(…, refresh => true) looks again.");
}

Datum
rg_sql_data_source_schemas(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity caller = rg_identify(RG_VIEWER);
	RgSchemasQuestion question = schemas_question(fcinfo);

	(void) rg_api_find_source(&caller, question.data_source_id);

	RgLocated located = rg_discovery_locate(caller.organization_id, &question);

	require_found(&caller, &question, &located);
	rg_bounded_require(located.bytes,
					   "Name a schema_name or a table_name, ask for pages (page, page_size) or smaller "
					   "ones, or leave out the columns (include_columns).");
	return rg_api_answer(rg_discovered_schemas(caller.organization_id, &question, &located),
						 "Schemas retrieved successfully");
}
