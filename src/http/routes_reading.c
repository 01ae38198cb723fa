/*
 * routes_reading.c — reading in place.
 */
#include "http/route_words.h"

/* clang-format off */
static const RgRoute routes[] = {
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
			{.name = "limit", .argument = "row_limit", .place = RG_IN_QUERY, .kind = RG_VALUE_INTEGER, .initial = "1000", .minimum = 1,
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
};
/* clang-format on */

const RgRoutes rg_routes_of_reading = {.routes = routes, .count = lengthof(routes)};
