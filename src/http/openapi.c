/*
 * openapi.c — the tables of this room as rows, for the functions of sql/objects/380_openapi.sql, which build
 * the OpenAPI document.
 */
#include "openapi.h"

#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "check/field.h"
#include "error.h"
#include "http/routes.h"
#include "sql.h"
#include "version.h"

PG_FUNCTION_INFO_V1(rg_sql_request_fields);
PG_FUNCTION_INFO_V1(rg_sql_http_routes);
PG_FUNCTION_INFO_V1(rg_sql_http_parameters);
PG_FUNCTION_INFO_V1(rg_sql_error_code);

/* A row that is filled from left to right. */
typedef struct Row
{
	ReturnSetInfo *result;
	Datum values[16];
	bool nulls[16];
	int count;
} Row;

static void
put(Row *row, Datum value, bool is_null)
{
	row->values[row->count] = value;
	row->nulls[row->count++] = is_null;
}

static void
put_integer(Row *row, int value)
{
	put(row, Int32GetDatum(value), false);
}

static void
put_bigint(Row *row, int64 value)
{
	put(row, Int64GetDatum(value), false);
}

static void
put_boolean(Row *row, bool value)
{
	put(row, BoolGetDatum(value), false);
}

static void
put_text(Row *row, const char *text)
{
	put(row, text ? CStringGetTextDatum(text) : (Datum) 0, text == NULL);
}

static void
end_row(Row *row)
{
	tuplestore_putvalues(row->result->setResult, row->result->setDesc, row->values, row->nulls);
	row->count = 0;
}

static Row
begin_rows(FunctionCallInfo fcinfo)
{
	rg_version_require();
	InitMaterializedSRF(fcinfo, 0);
	return (Row){.result = (ReturnSetInfo *) fcinfo->resultinfo};
}

/* ---- what a request may set ---- */

static const char *const field_kinds[] = {
	[RG_KIND_TEXT] = "text",       [RG_KIND_NAME] = "name",         [RG_KIND_HOST] = "host",
	[RG_KIND_LOGIN] = "login",     [RG_KIND_PATH] = "path",         [RG_KIND_INTEGER] = "integer",
	[RG_KIND_BOOLEAN] = "boolean", [RG_KIND_METADATA] = "metadata", [RG_KIND_TAGS] = "tags",
};

static void
put_initial(Row *row, const RgField *field)
{
	if (field->has_initial)
		put(row, JsonbPGetDatum(JsonbValueToJsonb(rg_field_initial(field))), false);
	else
		put(row, (Datum) 0, true);
}

Datum
rg_sql_request_fields(PG_FUNCTION_ARGS)
{
	Row row = begin_rows(fcinfo);

	for (int i = 0; i < RG_FIELD_COUNT; i++)
	{
		const RgField *field = &rg_fields[i];

		put_integer(&row, i + 1);
		put_text(&row, field->name);
		put_text(&row, field_kinds[field->kind]);
		put_bigint(&row, field->minimum);
		put_bigint(&row, field->maximum);
		put_initial(&row, field);
		put_boolean(&row, field->required);
		put_boolean(&row, field->fixed);
		end_row(&row);
	}
	return (Datum) 0;
}

/* ---- how requests fail ---- */

Datum
rg_sql_error_code(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(rg_error_code(PG_GETARG_INT32(0))));
}

/* ---- the routes ---- */

/* The names of the schemas; those of bodies made of members are in http_parameters. */
static const char *const body_schemas[] = {
	[RG_BODY_NONE] = NULL,
	[RG_BODY_DATA_SOURCE_CREATE] = "DataSourceCreate",
	[RG_BODY_DATA_SOURCE_SERVER] = "DataSourceServer",
	[RG_BODY_DATA_SOURCE_CHANGES] = "DataSourceUpdate",
	[RG_BODY_CREDENTIALS] = "Credentials",
	[RG_BODY_DESCRIPTION_CHANGES] = "TableDescriptionUpdate",
	[RG_BODY_DESCRIPTION_DOCUMENT] = "DescriptionDocument",
	[RG_BODY_MEMBERS] = NULL,
};

static const char *const answer_schemas[] = {
	[RG_ANSWER_DATA_SOURCE] = "DataSource",
	[RG_ANSWER_DATA_SOURCE_PAGE] = "DataSourceList",
	[RG_ANSWER_DELETED] = "DataSourceReference",
	[RG_ANSWER_TEST] = "ConnectionTest",
	[RG_ANSWER_DATABASES] = "DatabaseList",
	[RG_ANSWER_FOREIGN_SERVERS] = "ForeignServer[]",
	[RG_ANSWER_FROM_FOREIGN_SERVER] = "DataSourceFromForeignServer",
	[RG_ANSWER_HEALTH] = "DataSourceHealth",
	[RG_ANSWER_SCHEMAS] = "DiscoveredSchemas",
	[RG_ANSWER_DISCOVERY] = "SchemaDiscovery",
	[RG_ANSWER_QUEUED] = "QueuedJob",
	[RG_ANSWER_JOB] = "Job",
	[RG_ANSWER_JOB_PAGE] = "JobList",
	[RG_ANSWER_DESCRIPTION] = "TableDescription",
	[RG_ANSWER_DESCRIPTION_PAGE] = "TableDescriptionList",
	[RG_ANSWER_DESCRIPTIONS] = "TableDescription[]",
	[RG_ANSWER_DESCRIPTION_DOCUMENT] = "DescriptionDocument",
	[RG_ANSWER_DESCRIPTION_RESULT] = "DescriptionResult",
	[RG_ANSWER_DESCRIPTION_COVERAGE] = "DescriptionCoverage[]",
	[RG_ANSWER_SCAN_JOBS] = "QueuedScans",
	[RG_ANSWER_ROWS] = "ReadRows",
	[RG_ANSWER_ATTACHMENT] = "Attachment",
	[RG_ANSWER_DETACHMENT] = "Detachment",
	[RG_ANSWER_SEARCH] = "SearchResult",
	[RG_ANSWER_CONTEXT] = "SchemaContext",
	[RG_ANSWER_TYPES] = "DataSourceType[]",
	[RG_ANSWER_SEALING_KEY] = "SealingKey",
	[RG_ANSWER_OPENAPI] = "object",
};

static void
put_errors(Row *row, const RgRoute *route)
{
	Datum errors[RG_MOST_ERRORS];
	int count = 0;

	while (count < RG_MOST_ERRORS && route->errors[count] != 0)
	{
		errors[count] = Int32GetDatum(route->errors[count]);
		count++;
	}
	put(row, PointerGetDatum(construct_array(errors, count, INT4OID, sizeof(int32), true, TYPALIGN_INT)),
		false);
}

Datum
rg_sql_http_routes(PG_FUNCTION_ARGS)
{
	Row row = begin_rows(fcinfo);
	const RgRoute *route;

	for (int i = 0; (route = rg_route(i)) != NULL; i++)
	{
		bool is_bare = route->answer == RG_ANSWER_DESCRIPTIONS || route->answer == RG_ANSWER_OPENAPI;

		put_integer(&row, i + 1);
		put_text(&row, route->operation);
		put_text(&row, route->method);
		put_text(&row, psprintf(RG_HTTP_BASE "%s", route->path));
		put_text(&row, route->tag);
		put_text(&row, route->summary);
		put_text(&row, route->statement ? route->statement->text : NULL);
		put(&row, ObjectIdGetDatum(route->statement ? route->statement->types[0] : InvalidOid), false);
		put_text(&row, body_schemas[route->body]);
		put_text(&row, answer_schemas[route->answer]);
		put_boolean(&row, is_bare);
		put_integer(&row, route->status);
		put_text(&row, route->success);
		put_errors(&row, route);
		put_boolean(&row, route->document != NULL);
		end_row(&row);
	}
	return (Datum) 0;
}

/* ---- their parameters ---- */

static const char *const places[] = {
	[RG_IN_PATH] = "path",
	[RG_IN_QUERY] = "query",
	[RG_IN_HEADER] = "header",
	[RG_IN_BODY] = "body",
};

static const char *const value_kinds[] = {
	[RG_VALUE_ID] = "id",           [RG_VALUE_OPAQUE] = "opaque", [RG_VALUE_INTEGER] = "integer",
	[RG_VALUE_BOOLEAN] = "boolean", [RG_VALUE_TEXT] = "text",     [RG_VALUE_TEXTS] = "texts",
	[RG_VALUE_IDS] = "ids",         [RG_VALUE_ETAG] = "etag",     [RG_VALUE_VERSION] = "etag",
	[RG_VALUE_ASYNC] = "async",
};

static void
put_among(Row *row, const char *const *among)
{
	ArrayBuildState *texts = initArrayResult(TEXTOID, CurrentMemoryContext, false);

	for (; among != NULL && *among != NULL; among++)
		texts = accumArrayResult(texts, CStringGetTextDatum(*among), false, TEXTOID, CurrentMemoryContext);
	put(row, makeArrayResult(texts, CurrentMemoryContext), texts->nelems == 0);
}

static void
put_parameter(Row *row, const RgRoute *route, int position)
{
	const RgParameter *parameter = &route->parameters[position];

	put_text(row, route->operation);
	put_integer(row, position + 1);
	put_text(row, parameter->name);
	put_text(row, places[parameter->place]);
	put_text(row, value_kinds[parameter->kind]);
	put_boolean(row, parameter->required);
	put_text(row, parameter->initial);
	put(row, Int64GetDatum(parameter->minimum), parameter->minimum == 0 && parameter->maximum == 0);
	put(row, Int64GetDatum(parameter->maximum), parameter->maximum == 0);
	put_among(row, parameter->among);
	put_text(row, parameter->description);
	end_row(row);
}

Datum
rg_sql_http_parameters(PG_FUNCTION_ARGS)
{
	Row row = begin_rows(fcinfo);
	const RgRoute *route;

	for (int i = 0; (route = rg_route(i)) != NULL; i++)
		for (int j = 0; j < RG_MOST_PARAMETERS && route->parameters[j].name != NULL; j++)
			put_parameter(&row, route, j);
	return (Datum) 0;
}

/* ---- the document ---- */

static char *document = NULL; /* in TopMemoryContext */
static bool is_outdated = false;

/* Another version of the extension has other functions, so the document is built again. */
static void
outdate(Datum argument, int cache, uint32 hash)
{
	is_outdated = true;
}

static char *
make_document(void)
{
	static RgStatement make = {.text = "SELECT rivergen_catalog.openapi_document()::text"};
	char *text;

	SPI_connect();
	rg_spi_execute(&make);
	text = MemoryContextStrdup(TopMemoryContext, rg_spi_text(0, 1));
	SPI_finish();
	return text;
}

char *
rg_openapi_document(void)
{
	static bool is_watching = false;

	if (!is_watching)
		CacheRegisterSyscacheCallback(PROCOID, outdate, (Datum) 0);
	is_watching = true;
	if (is_outdated && document != NULL)
	{
		pfree(document);
		document = NULL;
	}
	if (document == NULL)
	{
		is_outdated = false; /* an invalidation during the build must mark the document stale */
		document = make_document();
	}
	return pstrdup(document);
}
