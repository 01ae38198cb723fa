#include "driver.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "json_value.h"

char *
rg_driver_option_of(const RgEndpoint *endpoint, const char *name)
{
	Jsonb *options;
	JsonbValue *value;

	if (endpoint->options == NULL)
		return NULL;
	options = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(endpoint->options)));
	value = JB_ROOT_IS_OBJECT(options) ? rg_json_member(&options->root, name) : NULL;
	if (value == NULL || value->type != jbvString)
		return NULL;
	return pnstrdup(value->val.string.val, value->val.string.len);
}

bool
rg_driver_of(RgEndpoint *endpoint, const RgSourceType *type, RgOdbcDriver **driver, RgFailure *failure)
{
	char *name = type->with_driver != NULL ? rg_driver_option_of(endpoint, "driver") : NULL;

	*driver = NULL;
	if (name == NULL)
		return true;
	*driver = rg_odbc_driver(name);
	if (*driver == NULL)
		return rg_failed(failure, "configuration", psprintf("the ODBC driver \"%s\" is not allowed", name),
						 "The operator lists the drivers that data sources may name in "
						 "rivergen.odbc_drivers.");
	endpoint->driver = rg_odbc_driver_json(*driver);
	return true;
}
