#include "connectors/iceberg/type.h"

#include <stdio.h>
#include <string.h>

/* In the order of their kinds. */
static const struct
{
	const char *type; /* up to a bracket */
	const char *pg_type;
} types[] = {{"boolean", "boolean"},
			 {"int", "integer"},
			 {"long", "bigint"},
			 {"float", "real"},
			 {"double", "double precision"},
			 {"decimal", "numeric"},
			 {"date", "date"},
			 {"time", "time without time zone"},
			 {"timestamp", "timestamp without time zone"},
			 {"timestamptz", "timestamp with time zone"},
			 {"timestamp_ns", "timestamp without time zone"},
			 {"timestamptz_ns", "timestamp with time zone"},
			 {"string", NULL},
			 {"uuid", "uuid"},
			 {"fixed", "bytea"},
			 {"binary", "bytea"},
			 {"variant", "jsonb"},
			 {"geometry", "bytea"},
			 {"geography", "bytea"},
			 {"unknown", NULL}};

IcebergKind
iceberg_kind(const char *type)
{
	size_t length = strcspn(type, "[(");
	int kind = ICEBERG_BOOLEAN;

	while (kind < ICEBERG_UNKNOWN &&
		   (strlen(types[kind].type) != length || strncmp(types[kind].type, type, length) != 0))
		kind++;
	return (IcebergKind) kind;
}

const char *
iceberg_pg_type(IcebergKind kind)
{
	return types[kind].pg_type;
}

int
iceberg_scale(const char *type)
{
	int precision;
	int scale;

	return sscanf(type, "decimal(%d,%d)", &precision, &scale) == 2 ? scale : 0;
}
