#include "connectors/hudi/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

/* The protocol's levels of columns. A type that holds itself has no end. */
#define MOST_LEVELS 20
#define MOST_FIELDS 100000

/* ---- is it the schema of a table? ---- */

/* An array is told as its element, and so has no level of its own, unless the element is an array, too. */
static int
own_levels(const AvroType *type)
{
	return type->kind == AVRO_RECORD || type->kind == AVRO_MAP ||
		   (type->kind == AVRO_ARRAY && avro_without_null(type->fields[0].type)->kind == AVRO_ARRAY);
}

static int
order_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static bool
are_names_different(const AvroType *record)
{
	const char **names = allocate((size_t) (record->count + 1) * sizeof(char *));
	bool are_different = true;

	for (int i = 0; i < record->count; i++)
		names[i] = record->fields[i].name;
	qsort(names, (size_t) record->count, sizeof(char *), order_names);
	for (int i = 1; i < record->count; i++)
		are_different = are_different && strcmp(names[i - 1], names[i]) != 0;
	free(names);
	return are_different;
}

static bool
is_describable(const AvroType *type, int level, int *left)
{
	bool is_composed = type->kind == AVRO_RECORD || type->kind == AVRO_ARRAY || type->kind == AVRO_MAP ||
					   type->kind == AVRO_UNION;

	if (level > MOST_LEVELS || (*left)-- == 0 || (type->kind == AVRO_RECORD && !are_names_different(type)))
		return false;
	for (int i = 0; is_composed && i < type->count; i++)
		if (!is_describable(type->fields[i].type, level + own_levels(type), left))
			return false;
	return true;
}

AvroSchema *
hudi_schema_read(const char *text)
{
	char fault[128];
	int left = MOST_FIELDS;
	AvroSchema *schema = avro_schema_read(text, strlen(text), fault, sizeof(fault));
	const AvroType *type = schema ? avro_schema_type(schema) : NULL;

	if (type == NULL || (type->kind == AVRO_RECORD && type->count > 0 && is_describable(type, 0, &left)))
		return schema;
	avro_schema_free(schema);
	return NULL;
}

/* ---- types ---- */

static const struct
{
	const char *name;
	const char *pg_type;
} kinds[] = {[AVRO_NULL] = {"null", NULL},        [AVRO_BOOLEAN] = {"boolean", "boolean"},
			 [AVRO_INT] = {"int", "integer"},     [AVRO_LONG] = {"long", "bigint"},
			 [AVRO_FLOAT] = {"float", "real"},    [AVRO_DOUBLE] = {"double", "double precision"},
			 [AVRO_BYTES] = {"bytes", "bytea"},   [AVRO_STRING] = {"string", NULL},
			 [AVRO_RECORD] = {"record", "jsonb"}, [AVRO_ENUM] = {"enum", NULL},
			 [AVRO_ARRAY] = {"array", "jsonb"},   [AVRO_MAP] = {"map", "jsonb"},
			 [AVRO_UNION] = {"union", "jsonb"},   [AVRO_FIXED] = {"fixed", "bytea"}};

/* Bits of the kinds that a logical type may stand on. */
#define ON(kind) (1u << (kind))

static const struct
{
	const char *name;
	const char *pg_type;
	unsigned kinds;
} logical_types[] = {
	{"decimal", "numeric", ON(AVRO_BYTES) | ON(AVRO_FIXED)},
	{"date", "date", ON(AVRO_INT)},
	{"time-millis", "time without time zone", ON(AVRO_INT)},
	{"time-micros", "time without time zone", ON(AVRO_LONG)},
	{"timestamp-millis", "timestamp with time zone", ON(AVRO_LONG)},
	{"timestamp-micros", "timestamp with time zone", ON(AVRO_LONG)},
	{"timestamp-nanos", "timestamp with time zone", ON(AVRO_LONG)},
	{"local-timestamp-millis", "timestamp without time zone", ON(AVRO_LONG)},
	{"local-timestamp-micros", "timestamp without time zone", ON(AVRO_LONG)},
	{"local-timestamp-nanos", "timestamp without time zone", ON(AVRO_LONG)},
	{"uuid", "uuid", ON(AVRO_STRING) | ON(AVRO_FIXED)},
};

static bool
decimal_of(const AvroType *type, int64_t *precision, int64_t *scale)
{
	*scale = 0;
	return json_member_integer(type->json, "precision", precision) && *precision > 0 &&
		   (json_member(type->json, "scale") == NULL || json_member_integer(type->json, "scale", scale));
}

/* The number of its logical type, or -1. As Avro says, one that does not fit is not there. */
static int
logical_type_of(const AvroType *type)
{
	const char *name = avro_logical_type(type);
	int64_t precision;
	int64_t scale;

	for (size_t i = 0; name && i < sizeof(logical_types) / sizeof(logical_types[0]); i++)
		if (strcmp(logical_types[i].name, name) == 0 && (logical_types[i].kinds & ON(type->kind)) != 0)
			return i > 0 || decimal_of(type, &precision, &scale) ? (int) i : -1;
	return -1;
}

static const char *
pg_type_of(const AvroType *type)
{
	int logical = logical_type_of(type);

	return logical >= 0 ? logical_types[logical].pg_type : kinds[type->kind].pg_type;
}

static void
write_decimal(WireBuffer *out, const AvroType *type)
{
	int64_t precision;
	int64_t scale;
	char text[64];

	(void) decimal_of(type, &precision, &scale);
	snprintf(text, sizeof(text), "decimal(%" PRId64 ",%" PRId64 ")", precision, scale);
	wire_append_text(out, text);
}

static void
write_type(WireBuffer *out, const AvroType *type)
{
	int logical = logical_type_of(type);
	bool has_types = type->kind == AVRO_ARRAY || type->kind == AVRO_MAP || type->kind == AVRO_UNION;
	char text[32];

	snprintf(text, sizeof(text), "(%" PRId64 ")", type->bytes);
	if (logical == 0)
		write_decimal(out, type);
	else
		wire_append_text(out, logical > 0 ? logical_types[logical].name : kinds[type->kind].name);
	if (logical < 0 && type->kind == AVRO_FIXED)
		wire_append_text(out, text);
	if (!has_types)
		return;
	wire_append(out, "<", 1);
	for (int i = 0; i < type->count; i++)
	{
		if (i > 0)
			wire_append(out, ",", 1);
		write_type(out, avro_without_null(type->fields[i].type));
	}
	wire_append(out, ">", 1);
}

/* A map is told as its values, whose keys are data. */
static char *
type_text(const AvroType *type)
{
	WireBuffer text = {.data = NULL};

	write_type(&text, type);
	wire_append(&text, "", 1);
	if (text.failed)
		give_up_out_of_memory();
	return text.data;
}

/* ---- columns ---- */

/* What a column or field is told as: an array as its element, repeated. */
typedef struct Described
{
	const AvroType *type;
	const char *pg_type;
	bool is_not_null;
	bool is_repeated;
} Described;

static bool
may_be_null(const AvroType *type)
{
	bool may_be = type->kind == AVRO_NULL;

	for (int i = 0; type->kind == AVRO_UNION && i < type->count && !may_be; i++)
		may_be = type->fields[i].type->kind == AVRO_NULL;
	return may_be;
}

static Described
describe(const AvroType *type)
{
	Described described = {.type = avro_without_null(type), .is_not_null = !may_be_null(type)};

	described.pg_type = pg_type_of(described.type);
	if (described.type->kind != AVRO_ARRAY)
		return described;
	described.is_repeated = true;
	described.type = avro_without_null(described.type->fields[0].type);
	return described;
}

static void
write_symbols(WireBuffer *out, const JsonNode *symbols)
{
	bool is_open = false;

	for (const JsonNode *symbol = symbols ? symbols->first : NULL; symbol; symbol = symbol->next)
		if (symbol->kind == JSON_TEXT)
		{
			document_element(out, "enum", is_open);
			wire_append_string(out, symbol->text, symbol->length);
		}
	document_end_elements(out, is_open);
}

static void
write_default(WireBuffer *out, const JsonNode *value)
{
	if (value == NULL)
		return;
	if (value->kind == JSON_TEXT || value->kind == JSON_NUMBER)
		document_text(out, "default", value->text);
	else if (value->kind == JSON_TRUE || value->kind == JSON_FALSE)
		document_text(out, "default", value->kind == JSON_TRUE ? "true" : "false");
}

static void write_field(WireBuffer *out, const char *name, const AvroField *field);

static void
write_fields(WireBuffer *out, const AvroType *type)
{
	bool is_open = false;

	for (int i = 0; type->kind == AVRO_RECORD && i < type->count; i++)
	{
		document_element(out, "fields", is_open);
		write_field(out, type->fields[i].name, &type->fields[i]);
	}
	if (type->kind == AVRO_MAP || type->kind == AVRO_ARRAY)
	{
		document_element(out, "fields", is_open);
		write_field(out, type->kind == AVRO_MAP ? "{}" : "element", &type->fields[0]);
	}
	document_end_elements(out, is_open);
}

/* Everything of a field but its name and type. */
static void
write_members(WireBuffer *out, const AvroField *field, const Described *described)
{
	const AvroType *type = described->type;

	document_text(out, "comment", json_member_text(field->json, "doc"));
	write_default(out, json_member(field->json, "default"));
	if (type->kind == AVRO_ENUM)
		write_symbols(out, json_member(type->json, "symbols"));
	document_flag(out, "repeated", described->is_repeated);
	document_flag(out, "map", type->kind == AVRO_MAP);
	write_fields(out, type);
}

static void
write_field(WireBuffer *out, const char *name, const AvroField *field)
{
	Described described = describe(field->type);
	char *text = type_text(described.type);

	document_literal(out, "{");
	document_text(out, "name", name);
	document_text(out, "type", text);
	document_text(out, "pg_type", described.pg_type);
	document_flag(out, "not_null", described.is_not_null);
	write_members(out, field, &described);
	document_literal(out, "}");
	free(text);
}

static char *
further_members(const AvroField *field, const Described *described)
{
	WireBuffer more = {.data = NULL};

	document_literal(&more, "{");
	write_members(&more, field, described);
	wire_append(&more, "", 1);
	if (more.failed)
		give_up_out_of_memory();
	more.data[0] = ',';
	if (more.length == 2)
		more.data[0] = '\0';
	return more.data;
}

void
hudi_add_columns(FileRelation *relation, const AvroType *record)
{
	for (int i = 0; i < record->count; i++)
	{
		const AvroField *field = &record->fields[i];
		Described described = describe(field->type);
		FileColumn *column = relation_add_column(relation);

		column->name = copy_text(field->name);
		column->type = type_text(described.type);
		column->pg_type = described.pg_type;
		column->not_null = described.is_not_null;
		column->may_have_categories = column->pg_type == NULL || strcmp(column->pg_type, "boolean") == 0;
		column->more = further_members(field, &described);
	}
}

void
hudi_add_text_column(FileRelation *relation, const char *name)
{
	FileColumn *column = relation_add_column(relation);

	column->name = copy_text(name);
	column->type = "string";
	column->may_have_categories = true;
}
