/*
 * foreign_server.c — rivergen.data_source_list_foreign_servers and data_source_from_foreign_server.
 */
#include "catalog/foreign_server.h"

#include "postgres.h"

#include "fmgr.h"

#include "api/api.h"
#include "api/data_source.h"
#include "catalog/attachment.h"
#include "catalog/identity.h"
#include "error.h"
#include "json_value.h"

PG_FUNCTION_INFO_V1(rg_sql_data_source_list_foreign_servers);
PG_FUNCTION_INFO_V1(rg_sql_data_source_from_foreign_server);

Datum
rg_sql_data_source_list_foreign_servers(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_EDITOR);

	return rg_api_answer(rg_wrapped_server_list(rg_attachment_role(&identity)),
						 "Foreign servers retrieved successfully");
}

static Jsonb *
object_with(const char *name, Jsonb *value)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&state, name, rg_json_container(value));
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

Datum
rg_sql_data_source_from_foreign_server(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_EDITOR);
	Oid role = rg_attachment_role(&identity);
	char *server_name = rg_api_optional_text(fcinfo, 0);
	Jsonb *left_out;
	Jsonb *definition;
	Jsonb *source;

	if (server_name == NULL)
		rg_fail(RG_BAD_REQUEST, "Invalid request data", "server_name: is required", NULL);
	definition = rg_wrapped_server_definition(role, server_name, rg_api_optional_text(fcinfo, 1), &left_out);
	source = rg_create_source(&identity, definition);
	return rg_api_answer(rg_json_with(source, object_with("options_left_out", left_out)),
						 "Data source created successfully");
}
