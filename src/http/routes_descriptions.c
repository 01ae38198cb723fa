/*
 * routes_descriptions.c — table descriptions.
 */
#include "http/route_words.h"

#include "wordlist.h"

/* clang-format off */
static const RgRoute routes[] = {
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
};
/* clang-format on */

const RgRoutes rg_routes_of_descriptions = {.routes = routes, .count = lengthof(routes)};
