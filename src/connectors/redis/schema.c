#include "connectors/redis/schema.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"

void
schema_name(char *out, size_t size, int database)
{
	snprintf(out, size, "db%d", database);
}

void
schema_check_scope(const Request *request, const char *schema)
{
	char message[512];

	if (request->schema == NULL || strcmp(request->schema, schema) == 0)
		return;
	snprintf(message, sizeof(message), "There is no schema \"%.300s\": that of this database is \"%s\".",
			 request->schema, schema);
	give_up(&(Failure){.step = "query", .code = "schema_not_found", .message = message});
}
