/*
 * routes_reference.c — what holds for all data sources: their types, the key to seal with, the document.
 */
#include "http/route_words.h"

#include "http/openapi.h"

/* clang-format off */
static const RgRoute routes[] = {
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

const RgRoutes rg_routes_of_reference = {.routes = routes, .count = lengthof(routes)};
