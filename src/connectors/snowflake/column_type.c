#include "connectors/snowflake/column_type.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct Word
{
	const char *word; /* the service's */
	const char *name; /* in statements */
	TypeKind kind;
	bool is_json;
	const char *pg_type;
} Word;

static const Word words[] = {
	{"FIXED", "NUMBER", TYPE_FIXED, false, "numeric"},
	{"REAL", "FLOAT", TYPE_REAL, false, "double precision"},
	{"DECFLOAT", "DECFLOAT", TYPE_OTHER, false, "numeric"},
	{"TEXT", "VARCHAR", TYPE_TEXT, false, NULL},
	{"BOOLEAN", "BOOLEAN", TYPE_BOOLEAN, false, "boolean"},
	{"BINARY", "BINARY", TYPE_BINARY, false, "bytea"},
	{"DATE", "DATE", TYPE_DATE, false, "date"},
	{"TIME", "TIME", TYPE_TIME, false, "time without time zone"},
	{"TIMESTAMP_NTZ", "TIMESTAMP_NTZ", TYPE_TIMESTAMP, false, "timestamp without time zone"},
	{"TIMESTAMP_LTZ", "TIMESTAMP_LTZ", TYPE_TIMESTAMP_ZONED, false, "timestamp with time zone"},
	{"TIMESTAMP_TZ", "TIMESTAMP_TZ", TYPE_TIMESTAMP_ZONED, false, "timestamp with time zone"},
	{"VARIANT", "VARIANT", TYPE_OTHER, true, "jsonb"},
	{"OBJECT", "OBJECT", TYPE_OTHER, true, "jsonb"},
	{"ARRAY", "ARRAY", TYPE_OTHER, true, "jsonb"},
	{"MAP", "MAP", TYPE_OTHER, true, "jsonb"},
	{"VECTOR", "VECTOR", TYPE_OTHER, true, "jsonb"},
};

static const Word *
find_word(const char *text)
{
	for (size_t i = 0; text != NULL && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(words[i].word, text) == 0)
			return &words[i];
	return NULL;
}

static int
small_number(const JsonNode *told, const char *name, int otherwise)
{
	int64_t number;

	return json_member_integer(told, name, &number) && number >= 0 && number <= 100 ? (int) number
																					: otherwise;
}

/* Whole numbers of so many digits have a type of PostgreSQL that is quicker than numeric. */
static const char *
pg_type_of_number(int precision, int scale)
{
	if (scale > 0 || precision > 18)
		return "numeric";
	return precision <= 4 ? "smallint" : precision <= 9 ? "integer" : "bigint";
}

static void
add_length(ColumnType *type, const char *name, const JsonNode *told)
{
	int64_t length;

	if (json_member_integer(told, "length", &length) && length > 0)
		snprintf(type->text, sizeof(type->text), "%s(%lld)", name, (long long) length);
}

/* VECTOR(FLOAT, 3) */
static void
add_dimension(ColumnType *type, const JsonNode *told)
{
	const char *element = json_member_text(json_member(told, "vectorElementType"), "type");
	int64_t dimension;

	if (json_member_integer(told, "dimension", &dimension) && dimension > 0)
		snprintf(type->text, sizeof(type->text), "VECTOR(%s, %lld)",
				 element != NULL && strcasecmp(element, "FIXED") == 0 ? "INT" : "FLOAT",
				 (long long) dimension);
}

static void
add_parameters(ColumnType *type, const Word *word, const JsonNode *told)
{
	switch (type->kind)
	{
		case TYPE_FIXED:
			snprintf(type->text, sizeof(type->text), "NUMBER(%d, %d)", type->precision, type->scale);
			type->pg_type = pg_type_of_number(type->precision, type->scale);
			break;
		case TYPE_TEXT:
			add_length(type, json_member_is_true(told, "fixed") ? "CHAR" : "VARCHAR", told);
			break;
		case TYPE_BINARY:
			add_length(type, "BINARY", told);
			break;
		case TYPE_TIME:
		case TYPE_TIMESTAMP:
		case TYPE_TIMESTAMP_ZONED:
			snprintf(type->text, sizeof(type->text), "%s(%d)", word->name, type->scale);
			break;
		default:
			if (strcmp(word->word, "VECTOR") == 0)
				add_dimension(type, told);
	}
}

void
column_type_read(ColumnType *type, const JsonNode *told)
{
	const char *text = json_member_text(told, "type");
	const char *collation = json_member_text(told, "collation");
	const JsonNode *nullable = json_member(told, "nullable");
	const Word *word = find_word(text);

	*type = (ColumnType){.kind = TYPE_OTHER};
	type->not_null = nullable != NULL && nullable->kind == JSON_FALSE;
	type->has_collation = collation != NULL && *collation != '\0';
	if (type->has_collation)
		snprintf(type->collation, sizeof(type->collation), "%s", collation);
	snprintf(type->text, sizeof(type->text), "%s", word ? word->name : text ? text : "unknown");
	if (word == NULL)
		return;
	type->kind = word->kind;
	type->is_json = word->is_json;
	type->pg_type = word->pg_type;
	type->precision = small_number(told, "precision", 38);
	type->scale = small_number(told, "scale", word->kind == TYPE_FIXED ? 0 : 9);
	add_parameters(type, word, told);
}
