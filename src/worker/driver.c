#include "driver.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "json_value.h"

/* Returns metadata.driver, or NULL. */
static char *
driver_name(const RgEndpoint *endpoint)
{
	Jsonb *options = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(endpoint->options)));
	JsonbValue *name = JB_ROOT_IS_OBJECT(options) ? rg_json_member(&options->root, "driver") : NULL;

	if (name == NULL || name->type != jbvString)
		return NULL;
	return pnstrdup(name->val.string.val, name->val.string.len);
}

bool
rg_driver_of(RgEndpoint *endpoint, const RgSourceType *type, RgOdbcDriver **driver, RgFailure *failure)
{
	char *name = type->with_driver != NULL && endpoint->options != NULL ? driver_name(endpoint) : NULL;

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
