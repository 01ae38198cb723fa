/*
 * routes.c — the table. A statement's arguments are the route's parameters in their order, then the body if
 * it is passed on whole. If a path fits both, literal segments precede {parameters}.
 */
#include "http/routes.h"

#include "catalog/pg_type.h"

#include "catalog/list_order.h"
#include "openapi.h"
#include "sql.h"
#include "wordlist.h"

/* clang-format off */
#define STATEMENT(sql, ...) &(RgStatement){.text = (sql), .types = {__VA_ARGS__}}
#define PATH_ID(id, type, what, find) .name = (id), .place = RG_IN_PATH, .kind = (type), .required = true, \
									  .names = (what), .look = &(find)
#define SOURCE_ID           {PATH_ID("data_source_id", RG_VALUE_ID, "data source", source), .description = "Data source ID"}
#define ANY_SOURCE_ID       {PATH_ID("data_source_id", RG_VALUE_ID, "data source", any_source), \
							 .description = "Data source ID"}
#define DESCRIPTION_ID      {PATH_ID("id", RG_VALUE_OPAQUE, "table description", description), \
							 .description = "Table description ID"}
#define JOB_ID              {PATH_ID("job_id", RG_VALUE_ID, "job", job), .description = "Job ID"}
#define CONNECTION(within)  .name = "db_connection_id", .place = (within), .kind = RG_VALUE_OPAQUE, \
							.names = "data source", .look = &source
#define EXPECTED(type)      {.name = "If-Match", .place = RG_IN_HEADER, .kind = (type), \
							 .description = "The ETag of the version that is meant; 412 when it was changed since. Absent or *: any version."}
#define IF_MATCH            EXPECTED(RG_VALUE_ETAG)
#define IF_VERSION          EXPECTED(RG_VALUE_VERSION)
#define PAGE                {.name = "page", .place = RG_IN_QUERY, .kind = RG_VALUE_INTEGER, .initial = "1", .minimum = 1, \
							 .maximum = PG_INT32_MAX, .description = "Page number, from 1. A page beyond the end is empty."}
#define PAGE_SIZE(size)     {.name = "page_size", .place = RG_IN_QUERY, .kind = RG_VALUE_INTEGER, .initial = (size), \
							 .minimum = 1, .maximum = 1000, .description = "Items per page"}
#define QUERY(given, type, what) {.name = (given), .place = RG_IN_QUERY, .kind = (type), .description = (what)}
#define QUERY_OF(given, values, what) {.name = (given), .place = RG_IN_QUERY, .kind = RG_VALUE_TEXT, .among = (values), \
									   .description = (what)}
#define FLAG(given, otherwise, what) {.name = (given), .place = RG_IN_QUERY, .kind = RG_VALUE_BOOLEAN, \
									  .initial = (otherwise), .description = (what)}
/* clang-format on */

#define SOURCES      "Data sources"
#define DISCOVERY    "Discovery"
#define DESCRIPTIONS "Table descriptions"
#define READING      "Reading in place"
#define SEARCH       "Search"
#define REFERENCE    "Reference"

/*
 * Statements that find the object of an id. A deleted source is found too where it can be restored or purged.
 */
static RgStatement source = {.text = "SELECT rivergen.data_source_get($1)", .types = {INT8OID}};
static RgStatement any_source = {
	.text = "SELECT 1 FROM rivergen_catalog.data_source "
			"WHERE organization_id = rivergen.current_organization_id() AND data_source_id = $1",
	.types = {INT8OID},
};
static RgStatement description = {.text = "SELECT rivergen.table_description_get($1)", .types = {INT8OID}};
static RgStatement job = {.text = "SELECT rivergen.job_get($1)", .types = {INT8OID}};

/* clang-format off */
const RgRoute rg_routes[] = {
	{
		.method = "GET", .path = "/data-sources",
		.statement = STATEMENT("SELECT rivergen.data_source_list($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
							   INT8OID, TEXTOID, TEXTOID, INT4OID, INT4OID, TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID,
							   TEXTOID),
		.least = RG_VIEWER,
		.parameters = {
			QUERY("workspace_id", RG_VALUE_ID, "Filter by workspace ID"),
			QUERY("type", RG_VALUE_TEXT, "Filter by data source type"),
			QUERY_OF("status_filter", rg_wordlist_source_statuses, "Filter by status"),
			PAGE,
			PAGE_SIZE("20"),
			QUERY("search", RG_VALUE_TEXT, "Search by name or description, without regard to case"),
			{.name = "sort_by", .place = RG_IN_QUERY, .kind = RG_VALUE_TEXT, .initial = "created_at",
			 .among = rg_sort_fields, .description = "Sort field. Nulls come last, ties by id."},
			{.name = "sort_order", .place = RG_IN_QUERY, .kind = RG_VALUE_TEXT, .initial = "desc", .among = rg_wordlist_orders,
			 .description = "Sort order"},
			QUERY("tags", RG_VALUE_TEXTS, "Only data sources that have all of these tags"),
			QUERY("after", RG_VALUE_TEXT, "For walking through a large organization instead of page: empty to begin, "
				  "then next_cursor of the answer before, with the same filters and order. Nothing is counted."),
		},
		.answer = RG_ANSWER_DATA_SOURCE_PAGE, .status = 200, .errors = {400, 401, 403},
		.operation = "listDataSources", .tag = SOURCES, .summary = "List data sources",
		.success = "A page of the organization's data sources",
	},
	{
		.method = "POST", .path = "/data-sources",
		.statement = STATEMENT("SELECT rivergen.data_source_create($1)", JSONBOID),
		.least = RG_EDITOR,
		.body = RG_BODY_DATA_SOURCE_CREATE,
		.answer = RG_ANSWER_DATA_SOURCE, .status = 201, .errors = {400, 401, 403, 409, 413, 415, 503},
		.operation = "createDataSource", .tag = SOURCES, .summary = "Create a data source",
		.success = "The new data source; Location is its path",
	},
	{
		.method = "POST", .path = "/data-sources/test",
		.statement = STATEMENT("SELECT rivergen.data_source_test($1)", JSONBOID),
		.least = RG_EDITOR,
		.body = RG_BODY_DATA_SOURCE_CREATE,
		.answer = RG_ANSWER_TEST, .status = 200, .errors = {400, 401, 403, 413, 415, 429, 501, 503},
		.operation = "testDefinition", .tag = SOURCES, .summary = "Test a definition before it is saved",
		.success = "How it went; a connection that fails is an answer, not an error",
	},
	{
		.method = "POST", .path = "/data-sources/databases",
		.statement = STATEMENT("SELECT rivergen.data_source_databases($1)", JSONBOID),
		.least = RG_EDITOR,
		.body = RG_BODY_DATA_SOURCE_SERVER,
		.answer = RG_ANSWER_DATABASES, .status = 200, .errors = {400, 401, 403, 413, 415, 429, 501, 503},
		.operation = "listDatabases", .tag = SOURCES, .summary = "List the databases of a server before a source is saved",
		.success = "The databases; a connection that fails is an answer, not an error",
	},
	{
		.method = "POST", .path = "/data-sources/from-foreign-server",
		.statement = STATEMENT("SELECT rivergen.data_source_from_foreign_server($1, $2)", TEXTOID, TEXTOID),
		.least = RG_EDITOR,
		.parameters = {
			{.name = "server_name", .place = RG_IN_BODY, .kind = RG_VALUE_TEXT, .required = true,
			 .description = "The name of the foreign server"},
			{.name = "name", .place = RG_IN_BODY, .kind = RG_VALUE_TEXT,
			 .description = "The name of the data source; else that of the server"},
		},
		.body = RG_BODY_MEMBERS,
		.answer = RG_ANSWER_FROM_FOREIGN_SERVER, .status = 201,
		.errors = {400, 401, 403, 404, 409, 413, 415, 501, 503},
		.operation = "createFromForeignServer", .tag = SOURCES, .summary = "Register a foreign server as a data source",
		.success = "The new data source. Only where an operator has named a role for the organization",
	},
	{
		.method = "GET", .path = "/foreign-servers",
		.statement = STATEMENT("SELECT rivergen.data_source_list_foreign_servers()"),
		.least = RG_EDITOR,
		.answer = RG_ANSWER_FOREIGN_SERVERS, .status = 200, .errors = {400, 401, 403},
		.operation = "listForeignServers", .tag = SOURCES, .summary = "List the foreign servers that the organization's role may use",
		.success = "The foreign servers. Only where an operator has named a role for the organization",
	},
	{
		.method = "GET", .path = "/data-sources/{data_source_id}",
		.statement = STATEMENT("SELECT rivergen.data_source_get($1)", INT8OID),
		.least = RG_VIEWER,
		.parameters = {SOURCE_ID},
		.answer = RG_ANSWER_DATA_SOURCE, .status = 200, .errors = {400, 401, 403, 404},
		.operation = "getDataSource", .tag = SOURCES, .summary = "Get a data source",
		.success = "The data source, without its credentials; ETag names this version of it",
	},
	{
		.method = "PATCH", .path = "/data-sources/{data_source_id}",
		.statement = STATEMENT("SELECT rivergen.data_source_update($1, $3, $2)", INT8OID, TEXTOID, JSONBOID),
		.least = RG_EDITOR,
		.parameters = {
			SOURCE_ID,
			IF_MATCH,
		},
		.body = RG_BODY_DATA_SOURCE_CHANGES,
		.answer = RG_ANSWER_DATA_SOURCE, .status = 200, .errors = {400, 401, 403, 404, 409, 412, 413, 415, 503},
		.operation = "updateDataSource", .tag = SOURCES, .summary = "Update a data source",
		.success = "The changed data source",
	},
	{
		.method = "DELETE", .path = "/data-sources/{data_source_id}",
		.statement = STATEMENT("SELECT rivergen.data_source_delete($1, $2, $3)", INT8OID, BOOLOID, TEXTOID),
		.least = RG_EDITOR,
		.parameters = {
			ANY_SOURCE_ID,
			FLAG("force", "false", "Really remove the row and everything discovered of it, also of a data source that "
				 "was deleted before. Otherwise it can be restored."),
			IF_MATCH,
		},
		.answer = RG_ANSWER_DELETED, .status = 200, .errors = {400, 401, 403, 404, 412},
		.operation = "deleteDataSource", .tag = SOURCES, .summary = "Delete a data source",
		.success = "The id of what was deleted",
	},
	{
		.method = "POST", .path = "/data-sources/{data_source_id}/restore",
		.statement = STATEMENT("SELECT rivergen.data_source_restore($1, $2)", INT8OID, TEXTOID),
		.least = RG_EDITOR,
		.parameters = {ANY_SOURCE_ID, IF_MATCH},
		.answer = RG_ANSWER_DATA_SOURCE, .status = 200, .errors = {400, 401, 403, 404, 409, 412},
		.operation = "restoreDataSource", .tag = SOURCES, .summary = "Restore a deleted data source",
		.success = "The restored data source",
	},
	{
		.method = "POST", .path = "/data-sources/{data_source_id}/test",
		.statement = STATEMENT("SELECT rivergen.data_source_test($1)", INT8OID),
		.least = RG_EDITOR,
		.parameters = {SOURCE_ID},
		.answer = RG_ANSWER_TEST, .status = 200, .errors = {400, 401, 403, 404, 409, 429, 501, 503},
		.operation = "testDataSource", .tag = SOURCES, .summary = "Test the connection of a data source",
		.success = "How it went; a connection that fails is an answer, not an error",
	},
	{
		.method = "POST", .path = "/data-sources/{data_source_id}/databases",
		.statement = STATEMENT("SELECT rivergen.data_source_databases($1)", INT8OID),
		.least = RG_EDITOR,
		.parameters = {SOURCE_ID},
		.answer = RG_ANSWER_DATABASES, .status = 200, .errors = {400, 401, 403, 404, 409, 429, 501, 503},
		.operation = "listDatabasesOfDataSource", .tag = SOURCES, .summary = "List the databases of a data source's server",
		.success = "The databases; a connection that fails is an answer, not an error",
	},
	{
		.method = "PUT", .path = "/data-sources/{data_source_id}/credentials",
		.statement = STATEMENT("SELECT rivergen.data_source_update_credentials($1, $3, $2)", INT8OID, TEXTOID, JSONBOID),
		.least = RG_EDITOR,
		.parameters = {SOURCE_ID, IF_MATCH},
		.body = RG_BODY_CREDENTIALS,
		.answer = RG_ANSWER_DATA_SOURCE, .status = 200, .errors = {400, 401, 403, 404, 412, 413, 415, 503},
		.operation = "updateCredentials", .tag = SOURCES, .summary = "Replace the credentials of a data source",
		.success = "The data source, without its credentials",
	},
	{
		.method = "PUT", .path = "/data-sources/{data_source_id}/status",
		.statement = STATEMENT("SELECT rivergen.data_source_set_status($1, $3, $2)", INT8OID, TEXTOID, TEXTOID),
		.least = RG_EDITOR,
		.parameters = {
			SOURCE_ID,
			IF_MATCH,
			{.name = "status", .place = RG_IN_BODY, .kind = RG_VALUE_TEXT, .required = true, .among = rg_wordlist_settable_statuses,
			 .description = "maintenance: no worker connects to it until that ends. active: ends it. inactive: ends it and "
							"forgets what the last test found."},
		},
		.body = RG_BODY_MEMBERS,
		.answer = RG_ANSWER_DATA_SOURCE, .status = 200, .errors = {400, 401, 403, 404, 412, 413, 415},
		.operation = "setDataSourceStatus", .tag = SOURCES, .summary = "Set the status of a data source",
		.success = "The data source",
	},
	{
		.method = "DELETE", .path = "/data-sources/{data_source_id}/host-key",
		.statement = STATEMENT("SELECT rivergen.data_source_forget_host_key($1)", INT8OID),
		.least = RG_ADMIN,
		.parameters = {SOURCE_ID},
		.answer = RG_ANSWER_DATA_SOURCE, .status = 200, .errors = {400, 401, 403, 404, 409},
		.operation = "forgetHostKey", .tag = SOURCES, .summary = "Forget the host key of the SSH tunnel's server",
		.success = "The data source; the next connection takes the key that the server shows",
	},
	{
		.method = "GET", .path = "/data-sources/{data_source_id}/health",
		.statement = STATEMENT("SELECT rivergen.data_source_health($1, $2)", INT8OID, INT4OID),
		.least = RG_VIEWER,
		.parameters = {
			SOURCE_ID,
			{.name = "history_limit", .place = RG_IN_QUERY, .kind = RG_VALUE_INTEGER, .initial = "10", .maximum = 1000,
			 .description = "The newest tests and discoveries to show"},
		},
		.answer = RG_ANSWER_HEALTH, .status = 200, .errors = {400, 401, 403, 404},
		.operation = "getDataSourceHealth", .tag = SOURCES, .summary = "Get the health of a data source",
		.success = "Status, the last 24 hours, and the newest tests and discoveries",
	},
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
		.method = "GET", .path = "/data-sources/{data_source_id}/rows",
		.statement = STATEMENT("SELECT rivergen.rows($1, $2, $3, $4, $5)", INT8OID, TEXTOID, TEXTOID, TEXTARRAYOID, INT4OID),
		.least = RG_VIEWER,
		.parameters = {
			SOURCE_ID,
			QUERY("table_schema", RG_VALUE_TEXT, "The table's schema; needed where several have a table of that name"),
			{.name = "table_name", .place = RG_IN_QUERY, .kind = RG_VALUE_TEXT, .required = true,
			 .description = "The table or view; names are case-sensitive"},
			QUERY("columns", RG_VALUE_TEXTS, "Only these columns"),
			{.name = "limit", .place = RG_IN_QUERY, .kind = RG_VALUE_INTEGER, .initial = "1000", .minimum = 1,
			 .maximum = 1000000, .description = "The most rows"},
		},
		.answer = RG_ANSWER_ROWS, .status = 200, .errors = {400, 401, 403, 404, 409, 413, 429, 501, 502, 503, 504},
		.operation = "readRows", .tag = READING, .summary = "Read rows of a table in place",
		.success = "The rows. For editors, and for viewers where metadata.query.viewers is true",
	},
	{
		.method = "POST", .path = "/data-sources/{data_source_id}/query",
		.statement = STATEMENT("SELECT rivergen.query($1, $2, $3, $4, $5)", INT8OID, TEXTOID, INT4OID, INT4OID, BOOLOID),
		.least = RG_EDITOR,
		.parameters = {
			SOURCE_ID,
			{.name = "query", .place = RG_IN_BODY, .kind = RG_VALUE_TEXT, .required = true,
			 .description = "One statement that only reads, in the source's own words"},
			{.name = "row_limit", .place = RG_IN_BODY, .kind = RG_VALUE_INTEGER, .initial = "1000", .minimum = 1,
			 .maximum = 1000000, .description = "The most rows"},
			{.name = "timeout", .place = RG_IN_BODY, .kind = RG_VALUE_INTEGER, .minimum = 1, .maximum = 86400,
			 .description = "The most seconds"},
			{.name = "check_only", .place = RG_IN_BODY, .kind = RG_VALUE_BOOLEAN, .initial = "false",
			 .description = "The source plans the query and runs nothing"},
		},
		.body = RG_BODY_MEMBERS,
		.answer = RG_ANSWER_ROWS, .status = 200,
		.errors = {400, 401, 403, 404, 409, 413, 415, 429, 501, 502, 503, 504},
		.operation = "queryDataSource", .tag = READING, .summary = "Run a query in the source's own words",
		.success = "The columns and rows",
	},
	{
		.method = "POST", .path = "/data-sources/{data_source_id}/attachment",
		.statement = STATEMENT("SELECT rivergen.attach($1, $2, $3, $4, $5)", INT8OID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID,
							   BOOLOID),
		.least = RG_EDITOR,
		.parameters = {
			SOURCE_ID,
			{.name = "local_schema", .place = RG_IN_BODY, .kind = RG_VALUE_TEXT,
			 .description = "The schema for the foreign tables; else a new one with the name of the source"},
			{.name = "schemas", .place = RG_IN_BODY, .kind = RG_VALUE_TEXTS, .description = "Only these schemas of the source"},
			{.name = "tables", .place = RG_IN_BODY, .kind = RG_VALUE_TEXTS, .description = "Only these tables"},
			{.name = "dry_run", .place = RG_IN_BODY, .kind = RG_VALUE_BOOLEAN, .initial = "false",
			 .description = "Say what would be made, and make nothing"},
		},
		.body = RG_BODY_MEMBERS,
		.answer = RG_ANSWER_ATTACHMENT, .status = 200, .errors = {400, 401, 403, 404, 409, 413, 415, 501},
		.operation = "attachDataSource", .tag = READING, .summary = "Make foreign tables of a data source",
		.success = "What was made. Only where an operator has named a role for the organization",
	},
	{
		.method = "DELETE", .path = "/data-sources/{data_source_id}/attachment",
		.statement = STATEMENT("SELECT rivergen.detach($1, $2, $3)", INT8OID, TEXTOID, BOOLOID),
		.least = RG_EDITOR,
		.parameters = {
			ANY_SOURCE_ID,
			QUERY("local_schema", RG_VALUE_TEXT, "Only the foreign tables in this schema"),
			FLAG("force", "false", "Drop also what depends on the foreign tables"),
		},
		.answer = RG_ANSWER_DETACHMENT, .status = 200, .errors = {400, 401, 403, 404, 409},
		.operation = "detachDataSource", .tag = READING, .summary = "Drop the foreign tables of a data source",
		.success = "What was dropped",
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
	{
		.method = "GET", .path = "/search",
		.statement = STATEMENT("SELECT rivergen.search($1, $2, $3, $4, $5, $6, $7, $8)", TEXTOID, TEXTARRAYOID, INT8OID,
							   TEXTOID, TEXTARRAYOID, INT4OID, TEXTOID, BOOLOID),
		.least = RG_VIEWER,
		.parameters = {
			{.name = "query", .place = RG_IN_QUERY, .kind = RG_VALUE_TEXT, .required = true,
			 .description = "Words, text in quotes, and filters: column:, table:, schema:, kind:, source:, tag:; tags alone are enough"},
			QUERY("kinds", RG_VALUE_TEXTS, "Only hits of these kinds: source, schema, table, column"),
			QUERY("data_source_id", RG_VALUE_ID, "Only in this data source"),
			QUERY("table_schema", RG_VALUE_TEXT, "Only in this schema"),
			QUERY("tags", RG_VALUE_TEXTS, "Only what is covered by all of these tags: its own, its table's and its source's"),
			{.name = "limit", .place = RG_IN_QUERY, .kind = RG_VALUE_INTEGER, .initial = "20", .minimum = 1, .maximum = 100,
			 .description = "The most hits"},
			QUERY("after", RG_VALUE_TEXT, "next_cursor of the answer before, with the same query and filters"),
			FLAG("facets", "false", "Also count the hits, to 10,000, by kind, data source and tag"),
		},
		.answer = RG_ANSWER_SEARCH, .status = 200, .errors = {400, 401, 403, 404},
		.operation = "search", .tag = SEARCH, .summary = "Search sources, schemas, tables and columns",
		.success = "The hits, best first; ETag names these bytes",
	},
	{
		.method = "GET", .path = "/schema-context",
		.statement = STATEMENT("SELECT rivergen.schema_context($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", TEXTOID, INT8OID,
							   TEXTARRAYOID, TEXTARRAYOID, TEXTOID, INT4OID, INT4OID, BOOLOID, BOOLOID, BOOLOID),
		.least = RG_VIEWER,
		.parameters = {
			{.name = "question", .place = RG_IN_QUERY, .kind = RG_VALUE_TEXT,
			 .description = "What is asked, in words; it chooses the tables when not everything fits"},
			{.name = "data_source_id", .place = RG_IN_QUERY, .kind = RG_VALUE_ID, .description = "Only this data source"},
			{.name = "schemas", .place = RG_IN_QUERY, .kind = RG_VALUE_TEXTS, .description = "Only these schemas"},
			{.name = "tables", .place = RG_IN_QUERY, .kind = RG_VALUE_TEXTS,
			 .description = "Only these tables, with or without their schema before a dot"},
			{.name = "format", .place = RG_IN_QUERY, .kind = RG_VALUE_TEXT, .initial = "mschema", .among = rg_wordlist_context_formats,
			 .description = "How the text is written"},
			{.name = "budget", .place = RG_IN_QUERY, .kind = RG_VALUE_INTEGER, .initial = "8000", .minimum = 100, .maximum = 1000000,
			 .description = "The most tokens, each counted as 3.5 bytes"},
			{.name = "max_tables", .place = RG_IN_QUERY, .kind = RG_VALUE_INTEGER, .minimum = 1, .maximum = 1000,
			 .description = "The most tables"},
			{.name = "examples", .place = RG_IN_QUERY, .kind = RG_VALUE_BOOLEAN, .initial = "true", .description = "Show values"},
			{.name = "hints", .place = RG_IN_QUERY, .kind = RG_VALUE_BOOLEAN, .initial = "true",
			 .description = "Begin with a line about the dialect"},
			{.name = "descriptions", .place = RG_IN_QUERY, .kind = RG_VALUE_BOOLEAN, .initial = "true",
			 .description = "Show texts about tables and columns"},
		},
		.answer = RG_ANSWER_CONTEXT, .status = 200, .errors = {400, 401, 403, 404},
		.operation = "getSchemaContext", .tag = SEARCH, .summary = "Get the schema as text, for writing a query",
		.success = "The text, and which tables are in it; ETag names these bytes",
	},
	{
		.method = "POST", .path = "/schema-context",
		.statement = STATEMENT("SELECT rivergen.schema_context($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", TEXTOID, INT8OID,
							   TEXTARRAYOID, TEXTARRAYOID, TEXTOID, INT4OID, INT4OID, BOOLOID, BOOLOID, BOOLOID),
		.least = RG_VIEWER,
		.parameters = {
			{.name = "question", .place = RG_IN_BODY, .kind = RG_VALUE_TEXT,
			 .description = "What is asked, in words; it chooses the tables when not everything fits"},
			{.name = "data_source_id", .place = RG_IN_BODY, .kind = RG_VALUE_ID, .description = "Only this data source"},
			{.name = "schemas", .place = RG_IN_BODY, .kind = RG_VALUE_TEXTS, .description = "Only these schemas"},
			{.name = "tables", .place = RG_IN_BODY, .kind = RG_VALUE_TEXTS,
			 .description = "Only these tables, with or without their schema before a dot"},
			{.name = "format", .place = RG_IN_BODY, .kind = RG_VALUE_TEXT, .initial = "mschema", .among = rg_wordlist_context_formats,
			 .description = "How the text is written"},
			{.name = "budget", .place = RG_IN_BODY, .kind = RG_VALUE_INTEGER, .initial = "8000", .minimum = 100, .maximum = 1000000,
			 .description = "The most tokens, each counted as 3.5 bytes"},
			{.name = "max_tables", .place = RG_IN_BODY, .kind = RG_VALUE_INTEGER, .minimum = 1, .maximum = 1000,
			 .description = "The most tables"},
			{.name = "examples", .place = RG_IN_BODY, .kind = RG_VALUE_BOOLEAN, .initial = "true", .description = "Show values"},
			{.name = "hints", .place = RG_IN_BODY, .kind = RG_VALUE_BOOLEAN, .initial = "true",
			 .description = "Begin with a line about the dialect"},
			{.name = "descriptions", .place = RG_IN_BODY, .kind = RG_VALUE_BOOLEAN, .initial = "true",
			 .description = "Show texts about tables and columns"},
		},
		.body = RG_BODY_MEMBERS,
		.answer = RG_ANSWER_CONTEXT, .status = 200, .errors = {400, 401, 403, 404, 413, 415},
		.operation = "makeSchemaContext", .tag = SEARCH, .summary = "Get the schema as text, for writing a query",
		.success = "The text, and which tables are in it; ETag names these bytes",
	},
	{
		.method = "GET", .path = "/table-descriptions",
		.statement = STATEMENT("SELECT rivergen.table_description_list($1, $2, $3, $4, $5, $6, $7)", INT8OID, TEXTOID,
							   TEXTOID, TEXTOID, INT4OID, INT4OID, TEXTARRAYOID),
		.least = RG_VIEWER,
		.parameters = {
			{CONNECTION(RG_IN_QUERY), .description = "Only tables of this data source"},
			QUERY_OF("status", rg_wordlist_description_statuses, "Only tables of this status"),
			QUERY("table_schema", RG_VALUE_TEXT, "Only tables of this schema"),
			QUERY("search", RG_VALUE_TEXT, "Search in name, description and comment, without regard to case"),
			PAGE,
			PAGE_SIZE("100"),
			QUERY("tags", RG_VALUE_TEXTS, "Only tables that have all of these tags, of their own or of a column"),
		},
		.answer = RG_ANSWER_DESCRIPTION_PAGE, .status = 200, .errors = {400, 401, 403, 404, 413},
		.operation = "listTableDescriptions", .tag = DESCRIPTIONS, .summary = "List table descriptions",
		.success = "A page of table descriptions, by data source, schema and name",
	},
	{
		.method = "POST", .path = "/table-descriptions/refresh",
		.statement = STATEMENT("SELECT rivergen.table_description_refresh($1)", INT8OID),
		.least = RG_EDITOR,
		.parameters = {
			{CONNECTION(RG_IN_BODY), .required = true, .description = "Data source ID, as text or number"},
		},
		.body = RG_BODY_MEMBERS,
		.answer = RG_ANSWER_DESCRIPTIONS, .status = 201,
		.errors = {400, 401, 403, 404, 409, 413, 415, 429, 501, 502, 503, 504},
		.operation = "refreshTableDescriptions", .tag = DESCRIPTIONS, .summary = "Refresh a table description",
		.success = "The descriptions of all tables and views of the data source, as a bare array",
	},
	{
		.method = "POST", .path = "/table-descriptions/scan",
		.statement = STATEMENT("SELECT rivergen.table_description_scan($1, $2)", INT8ARRAYOID, INT8OID),
		.least = RG_EDITOR,
		.parameters = {
			{.name = "ids", .place = RG_IN_BODY, .kind = RG_VALUE_IDS, .names = "table description",
			 .description = "The table descriptions to scan, at most 10000; their IDs as texts or numbers"},
			{CONNECTION(RG_IN_BODY), .description = "Instead of ids: all tables of this data source"},
		},
		.body = RG_BODY_MEMBERS,
		.answer = RG_ANSWER_SCAN_JOBS, .status = 202, .errors = {400, 401, 403, 404, 409, 413, 415, 429, 501},
		.operation = "scanTableDescriptions", .tag = DESCRIPTIONS, .summary = "Scan tables for categories and examples",
		.success = "The jobs that will scan",
	},
	{
		.method = "GET", .path = "/table-descriptions/coverage",
		.statement = STATEMENT("SELECT rivergen.table_description_coverage($1)", INT8OID),
		.least = RG_VIEWER,
		.parameters = {
			{CONNECTION(RG_IN_QUERY), .description = "Only this data source"},
		},
		.answer = RG_ANSWER_DESCRIPTION_COVERAGE, .status = 200, .errors = {400, 401, 403, 404},
		.operation = "getDescriptionCoverage", .tag = DESCRIPTIONS, .summary = "Count what is described, by data source",
		.success = "How many tables and columns have a description, a comment, a tag",
	},
	{
		.method = "GET", .path = "/table-descriptions/export",
		.statement = STATEMENT("SELECT rivergen.table_description_export($1, $2, $3, $4)", INT8OID, TEXTOID, TEXTARRAYOID,
							   BOOLOID),
		.least = RG_VIEWER,
		.parameters = {
			{CONNECTION(RG_IN_QUERY), .description = "Only tables of this data source"},
			QUERY("table_schema", RG_VALUE_TEXT, "Only tables of this schema"),
			QUERY("tags", RG_VALUE_TEXTS, "Only tables that have all of these tags, of their own or of a column"),
			FLAG("only_described", "false", "Only tables and columns with a text or tag of users"),
		},
		.answer = RG_ANSWER_DESCRIPTION_DOCUMENT, .status = 200, .errors = {400, 401, 403, 404, 413},
		.operation = "exportTableDescriptions", .tag = DESCRIPTIONS, .summary = "Export texts and tags as a document",
		.success = "The document, to edit and to give back to applyTableDescriptions",
	},
	{
		.method = "POST", .path = "/table-descriptions/apply",
		.statement = STATEMENT("SELECT rivergen.table_description_apply($2, $1)", BOOLOID, JSONBOID),
		.least = RG_EDITOR,
		.parameters = {
			FLAG("check_only", "false", "Answer what would be done, and write nothing"),
		},
		.body = RG_BODY_DESCRIPTION_DOCUMENT,
		.answer = RG_ANSWER_DESCRIPTION_RESULT, .status = 200, .errors = {400, 401, 403, 413, 415},
		.operation = "applyTableDescriptions", .tag = DESCRIPTIONS, .summary = "Write the texts and tags of a document",
		.success = "What became of each entry; an entry that is refused does not keep the others from being written",
	},
	{
		.method = "GET", .path = "/table-descriptions/{id}",
		.statement = STATEMENT("SELECT rivergen.table_description_get($1)", INT8OID),
		.least = RG_VIEWER,
		.parameters = {DESCRIPTION_ID},
		.answer = RG_ANSWER_DESCRIPTION, .status = 200, .errors = {400, 401, 403, 404, 413},
		.operation = "getTableDescription", .tag = DESCRIPTIONS, .summary = "Get a table description",
		.success = "The table description; ETag names the version of what users wrote and marked",
	},
	{
		.method = "PUT", .path = "/table-descriptions/{id}",
		.statement = STATEMENT("SELECT rivergen.table_description_update($1, $3, $2)", INT8OID, TEXTOID, JSONBOID),
		.least = RG_EDITOR,
		.parameters = {DESCRIPTION_ID, IF_VERSION},
		.body = RG_BODY_DESCRIPTION_CHANGES,
		.answer = RG_ANSWER_DESCRIPTION, .status = 200, .errors = {400, 401, 403, 404, 412, 413, 415},
		.operation = "putTableDescription", .tag = DESCRIPTIONS, .summary = "Describe and tag a table and its columns",
		.success = "The changed table description; what was not given is as it was",
	},
	{
		.method = "PATCH", .path = "/table-descriptions/{id}",
		.statement = STATEMENT("SELECT rivergen.table_description_update($1, $3, $2)", INT8OID, TEXTOID, JSONBOID),
		.least = RG_EDITOR,
		.parameters = {DESCRIPTION_ID, IF_VERSION},
		.body = RG_BODY_DESCRIPTION_CHANGES,
		.answer = RG_ANSWER_DESCRIPTION, .status = 200, .errors = {400, 401, 403, 404, 412, 413, 415},
		.operation = "updateTableDescription", .tag = DESCRIPTIONS, .summary = "Describe and tag a table and its columns",
		.success = "The changed table description; what was not given is as it was",
	},
	{
		.method = "GET", .path = "/data-source-types",
		.statement = STATEMENT("SELECT jsonb_build_object('success', true, 'data', jsonb_agg(to_jsonb(t)), "
							   "'message', 'Data source types retrieved successfully') "
							   "FROM rivergen.data_source_types t"),
		.least = RG_VIEWER,
		.answer = RG_ANSWER_TYPES, .status = 200, .errors = {400, 401, 403},
		.operation = "listDataSourceTypes", .tag = REFERENCE, .summary = "List the types of data sources",
		.success = "What each type needs and takes, in the order of DataSourceTypeEnum",
	},
	{
		.method = "GET", .path = "/sealing-key",
		.statement = STATEMENT("SELECT rivergen.sealing_key()"),
		.least = RG_VIEWER,
		.answer = RG_ANSWER_SEALING_KEY, .status = 200, .errors = {400, 401, 403, 503},
		.operation = "getSealingKey", .tag = REFERENCE, .summary = "Get the public key to seal credentials with",
		.success = "The key, for clients that seal credentials themselves",
	},
	{
		.method = "GET", .path = "/openapi.json",
		.document = rg_openapi_document,
		.answer = RG_ANSWER_OPENAPI, .status = 200, .errors = {400},
		.operation = "getOpenApi", .tag = REFERENCE, .summary = "Get this document",
		.success = "The OpenAPI 3.1 description of these paths; needs no token",
	},
};
/* clang-format on */
const int rg_route_count = lengthof(rg_routes);
