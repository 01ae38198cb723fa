#include "connectors/http_api/endpoint.h"

#include <string.h>

void
endpoint_open(ApiOperation *operation, const Service *service, int number)
{
	*operation = (ApiOperation){.path = service->endpoints[number],
								.schema = schema_of_path(service->endpoints[number])};
}

bool
endpoint_find(ApiOperation *operation, const Service *service, const char *schema, const char *name)
{
	for (int i = 0; i < service->endpoint_count; i++)
	{
		if (strcmp(service->endpoints[i], name) != 0)
			continue;
		endpoint_open(operation, service, i);
		if (strcmp(operation->schema, schema) == 0)
			return true;
		operation_free(operation);
	}
	return false;
}
