/*
 * routes_search.c — search, and contexts for programs that write queries.
 */
#include "http/route_words.h"

#include "wordlist.h"

/* clang-format off */
static const RgRoute routes[] = {
	{
		.method = "GET", .path = "/search",
		.statement = STATEMENT("SELECT rivergen.search($1, $2, $3, $4, $5, $6, $7, $8)", TEXTOID, TEXTARRAYOID, INT8OID,
							   TEXTOID, TEXTARRAYOID, INT4OID, TEXTOID, BOOLOID),
		.least = RG_VIEWER,
		.parameters = {
			{.name = "query", .place = RG_IN_QUERY, .kind = RG_VALUE_TEXT, .required = true,
			 .description = "Words, text in quotes, and filters: column:, table:, schema:, kind:, source:, tag:; tags alone are enough"},
			QUERY("kinds", RG_VALUE_TEXTS, "Only hits of these kinds: source, schema, table, column; none: all"),
			QUERY("data_source_id", RG_VALUE_ID, "Only in this data source"),
			QUERY("table_schema", RG_VALUE_TEXT, "Only in this schema"),
			QUERY("tags", RG_VALUE_TEXTS, "Only what is covered by all of these tags: its own, its table's and its source's; none: everything"),
			{.name = "limit", .argument = "row_limit", .place = RG_IN_QUERY, .kind = RG_VALUE_INTEGER, .initial = "20", .minimum = 1, .maximum = 100,
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
			{.name = "schemas", .place = RG_IN_QUERY, .kind = RG_VALUE_TEXTS, .description = "Only these schemas; none: all"},
			{.name = "tables", .place = RG_IN_QUERY, .kind = RG_VALUE_TEXTS,
			 .description = "Only these tables, with or without their schema before a dot; none: all"},
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
			{.name = "schemas", .place = RG_IN_BODY, .kind = RG_VALUE_TEXTS, .description = "Only these schemas; none: all"},
			{.name = "tables", .place = RG_IN_BODY, .kind = RG_VALUE_TEXTS,
			 .description = "Only these tables, with or without their schema before a dot; none: all"},
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
};
/* clang-format on */

const RgRoutes rg_routes_of_search = {.routes = routes, .count = lengthof(routes)};
