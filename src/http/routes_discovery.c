/*
 * routes_discovery.c — discovery and its jobs.
 */
#include "http/route_words.h"

#include "wordlist.h"

/* clang-format off */
static const RgRoute routes[] = {
	{
		.method = "GET", .path = "/data-sources/{data_source_id}/schemas",
		.statement = STATEMENT("SELECT rivergen.data_source_schemas($1, $2, $3, $4, $5, $6)", INT8OID, TEXTOID, TEXTOID, BOOLOID,
							   INT4OID, INT4OID),
		.least = RG_VIEWER,
		.parameters = {
			SOURCE_ID,
			QUERY("schema_name", RG_VALUE_TEXT, "Only this schema; names are case-sensitive"),
			QUERY("table_name", RG_VALUE_TEXT, "Only tables and views of this name"),
			FLAG("include_columns", "true", "Show the columns"),
			{.name = "page", .place = RG_IN_QUERY, .kind = RG_VALUE_INTEGER, .minimum = 1, .maximum = PG_INT32_MAX,
			 .description = "Page of tables and views, from 1; without page and page_size everything is shown"},
			{.name = "page_size", .place = RG_IN_QUERY, .kind = RG_VALUE_INTEGER, .minimum = 1, .maximum = 1000,
			 .description = "Tables and views per page; 100 when only page is given"},
		},
		.answer = RG_ANSWER_SCHEMAS, .status = 200, .errors = {400, 401, 403, 404, 413},
		.operation = "getSchemas", .tag = DISCOVERY, .summary = "Get the discovered schemas of a data source",
		.success = "Schemas, their tables and views, columns in the source's order, keys, indexes and comments",
	},
	{
		.method = "POST", .path = "/data-sources/{data_source_id}/discover-schema",
		.statement = STATEMENT("SELECT rivergen.discover_schema($1, $2, $3, $5 IS NOT TRUE, $4)", INT8OID, TEXTOID,
							   BOOLOID, BOOLOID, BOOLOID),
		.least = RG_VIEWER,
		.parameters = {
			SOURCE_ID,
			QUERY("schema_name", RG_VALUE_TEXT, "Only this schema; otherwise all of them"),
			FLAG("refresh", "false", "Look again although it was discovered before"),
			FLAG("full", "false", "Read everything, even what seems unchanged"),
			{.name = "Prefer", .place = RG_IN_HEADER, .kind = RG_VALUE_ASYNC,
			 .description = "respond-async: do not wait for the discovery; 202 and the job's Location are the answer, "
							"unless what is cached is answer enough."},
		},
		.answer = RG_ANSWER_DISCOVERY, .status = 200, .errors = {400, 401, 403, 404, 409, 429, 501, 502, 503, 504},
		.operation = "discoverSchema", .tag = DISCOVERY, .summary = "Discover the schema of a data source",
		.success = "The statistics of what was found",
	},
	{
		.method = "GET", .path = "/data-sources/{data_source_id}/jobs",
		.statement = STATEMENT("SELECT CASE WHEN rivergen.data_source_get($1) IS NOT NULL "
							   "THEN rivergen.job_list($1, $2, $3, $4) END", INT8OID, TEXTOID, INT4OID, INT4OID),
		.least = RG_VIEWER,
		.parameters = {
			SOURCE_ID,
			QUERY_OF("status", rg_wordlist_job_statuses, "Only jobs of this status"),
			PAGE,
			PAGE_SIZE("20"),
		},
		.answer = RG_ANSWER_JOB_PAGE, .status = 200, .errors = {400, 401, 403, 404, 413},
		.operation = "listJobs", .tag = DISCOVERY, .summary = "List the jobs of a data source",
		.success = "A page of jobs, newest first",
	},
	{
		.method = "GET", .path = "/jobs/{job_id}",
		.statement = STATEMENT("SELECT rivergen.job_get($1)", INT8OID),
		.least = RG_VIEWER,
		.parameters = {JOB_ID},
		.answer = RG_ANSWER_JOB, .status = 200, .errors = {400, 401, 403, 404},
		.operation = "getJob", .tag = DISCOVERY, .summary = "Get a job",
		.success = "Its status, its progress while it runs, and its result or error",
	},
	{
		.method = "POST", .path = "/jobs/{job_id}/cancel",
		.statement = STATEMENT("SELECT rivergen.job_cancel($1)", INT8OID),
		.least = RG_EDITOR,
		.parameters = {JOB_ID},
		.answer = RG_ANSWER_JOB, .status = 200, .errors = {400, 401, 403, 404, 409},
		.operation = "cancelJob", .tag = DISCOVERY, .summary = "Cancel a job",
		.success = "The job; one that runs ends soon",
	},
};
/* clang-format on */

const RgRoutes rg_routes_of_discovery = {.routes = routes, .count = lengthof(routes)};
