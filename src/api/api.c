#include "api/api.h"

#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "catalog/identity.h"
#include "error.h"
#include "version.h"
#include "json_value.h"

void
rg_api_begin(void)
{
	rg_version_require();
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
}

void
rg_api_end(void)
{
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "could not disconnect from SPI");
}

Datum
rg_api_success(Jsonb *data, const char *message)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&state, "success", rg_json_boolean(true));
	rg_json_put(&state, "data", rg_json_container(data));
	rg_json_put(&state, "message", rg_json_text(message));
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}

/* PostgREST answers 200 to a direct call of the function unless response.status is set. */
static void
tell_postgrest_accepted(void)
{
	if (rg_session_is_postgrest())
		(void) set_config_option("response.status", "202", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true,
								 0, false);
}

Datum
rg_api_queued(int64 job_id)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&state, "job_id", rg_json_integer(job_id));
	rg_json_put(&state, "status", rg_json_text("queued"));
	tell_postgrest_accepted();
	return rg_api_success(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)),
						  "Schema discovery started");
}

Datum
rg_api_copy_out(Datum answer)
{
	return SPI_datumTransfer(answer, false, -1);
}

Datum
rg_api_answer(Jsonb *data, const char *message)
{
	Datum answer = rg_api_copy_out(rg_api_success(data, message));

	rg_api_end();
	return answer;
}

Jsonb *
rg_api_integers(int count, const char *const *names, const int64 *values)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < count; i++)
		rg_json_put(&state, names[i], rg_json_integer(values[i]));
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

int64
rg_api_required_id(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		rg_fail(RG_BAD_REQUEST, "Invalid request data", psprintf("%s: must not be null", name), NULL);
	return PG_GETARG_INT64(argument);
}

Jsonb *
rg_api_optional_jsonb(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : PG_GETARG_JSONB_P(argument);
}

char *
rg_api_optional_text(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argument));
}

char *
rg_api_text_filter(FunctionCallInfo fcinfo, int argument)
{
	char *text = rg_api_optional_text(fcinfo, argument);

	return text != NULL && *text != '\0' ? text : NULL;
}

ArrayType *
rg_api_filter(FunctionCallInfo fcinfo, int argument)
{
	ArrayType *names = PG_ARGISNULL(argument) ? NULL : PG_GETARG_ARRAYTYPE_P(argument);

	return names == NULL || ArrayGetNItems(ARR_NDIM(names), ARR_DIMS(names)) == 0 ? NULL : names;
}
