#include "connectors/mongodb/types.h"

#include <string.h>

#define BYTES_OF_UUID 16

static const PathType types[MONGO_TYPES] = {
	[MONGO_OBJECT] = {"object", "jsonb", 0},
	[MONGO_ARRAY] = {"array", "jsonb", 0},
	[MONGO_OBJECT_ID] = {"objectId", NULL, 0},
	[MONGO_STRING] = {"string", NULL, 0},
	[MONGO_INT] = {"int", "integer", 0},
	[MONGO_LONG] = {"long", "bigint", PATH_TYPE(MONGO_INT)},
	[MONGO_DOUBLE] = {"double", "double precision", 0},
	[MONGO_DECIMAL] = {"decimal", "numeric", 0},
	[MONGO_BOOL] = {"bool", "boolean", 0},
	[MONGO_DATE] = {"date", "timestamp with time zone", 0},
	[MONGO_TIMESTAMP] = {"timestamp", "jsonb", 0},
	[MONGO_BIN_DATA] = {"binData", "bytea", 0},
	[MONGO_BIN_DATA_1] = {"binData(1)", "bytea", 0},
	[MONGO_BIN_DATA_2] = {"binData(2)", "bytea", 0},
	[MONGO_BIN_DATA_3] = {"binData(3)", "bytea", 0},
	[MONGO_BIN_DATA_5] = {"binData(5)", "bytea", 0},
	[MONGO_BIN_DATA_6] = {"binData(6)", "bytea", 0},
	[MONGO_BIN_DATA_7] = {"binData(7)", "bytea", 0},
	[MONGO_BIN_DATA_8] = {"binData(8)", "bytea", 0},
	[MONGO_BIN_DATA_128] = {"binData(128)", "bytea", 0},
	[MONGO_UUID] = {"uuid", "uuid", 0},
	[MONGO_REGEX] = {"regex", NULL, 0},
	[MONGO_JAVASCRIPT] = {"javascript", NULL, 0},
	[MONGO_DB_POINTER] = {"dbPointer", NULL, 0},
	[MONGO_SYMBOL] = {"symbol", NULL, 0},
	[MONGO_MIN_KEY] = {"minKey", NULL, 0},
	[MONGO_MAX_KEY] = {"maxKey", NULL, 0},
	[MONGO_UNDEFINED] = {"undefined", NULL, 0},
};

const PathTypes mongo_types = {
	.items = types,
	.count = MONGO_TYPES,
	.object = MONGO_OBJECT,
	.array = MONGO_ARRAY,
	.numbers =
		PATH_TYPE(MONGO_INT) | PATH_TYPE(MONGO_LONG) | PATH_TYPE(MONGO_DOUBLE) | PATH_TYPE(MONGO_DECIMAL),
};

static const MongoType simple_types[256] = {
	[BSON_TYPE_DOUBLE] = MONGO_DOUBLE,
	[BSON_TYPE_UTF8] = MONGO_STRING,
	[BSON_TYPE_DOCUMENT] = MONGO_OBJECT,
	[BSON_TYPE_ARRAY] = MONGO_ARRAY,
	[BSON_TYPE_UNDEFINED] = MONGO_UNDEFINED,
	[BSON_TYPE_OID] = MONGO_OBJECT_ID,
	[BSON_TYPE_BOOL] = MONGO_BOOL,
	[BSON_TYPE_DATE_TIME] = MONGO_DATE,
	[BSON_TYPE_REGEX] = MONGO_REGEX,
	[BSON_TYPE_DBPOINTER] = MONGO_DB_POINTER,
	[BSON_TYPE_CODE] = MONGO_JAVASCRIPT,
	[BSON_TYPE_SYMBOL] = MONGO_SYMBOL,
	[BSON_TYPE_CODEWSCOPE] = MONGO_JAVASCRIPT,
	[BSON_TYPE_INT32] = MONGO_INT,
	[BSON_TYPE_TIMESTAMP] = MONGO_TIMESTAMP,
	[BSON_TYPE_INT64] = MONGO_LONG,
	[BSON_TYPE_DECIMAL128] = MONGO_DECIMAL,
	[BSON_TYPE_MAXKEY] = MONGO_MAX_KEY,
	[BSON_TYPE_MINKEY] = MONGO_MIN_KEY,
};

static MongoType
type_of_bytes(const bson_iter_t *value)
{
	bson_subtype_t subtype;
	const uint8_t *bytes;
	uint32_t length;

	bson_iter_binary(value, &subtype, &length, &bytes);
	switch ((int) subtype)
	{
		case 1:
			return MONGO_BIN_DATA_1;
		case 2:
			return MONGO_BIN_DATA_2;
		case 3:
			return MONGO_BIN_DATA_3;
		case 4:
			return length == BYTES_OF_UUID ? MONGO_UUID : MONGO_BIN_DATA;
		case 5:
			return MONGO_BIN_DATA_5;
		case 6:
			return MONGO_BIN_DATA_6;
		case 7:
			return MONGO_BIN_DATA_7;
		case 8:
			return MONGO_BIN_DATA_8;
		case 128:
			return MONGO_BIN_DATA_128;
		default:
			return MONGO_BIN_DATA;
	}
}

MongoType
mongo_type_of(const bson_iter_t *value)
{
	return BSON_ITER_HOLDS_BINARY(value) ? type_of_bytes(value)
										 : simple_types[(uint8_t) bson_iter_type(value)];
}

MongoType
mongo_type_named(const char *alias)
{
	for (int i = 0; i < MONGO_TYPES; i++)
		if (strcmp(types[i].name, alias) == 0)
			return (MongoType) i;
	return strcmp(alias, "javascriptWithScope") == 0 ? MONGO_JAVASCRIPT : MONGO_TYPES;
}

bool
mongo_is_uuid(const bson_iter_t *value)
{
	return BSON_ITER_HOLDS_BINARY(value) && type_of_bytes(value) == MONGO_UUID;
}
