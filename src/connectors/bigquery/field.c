#include "connectors/bigquery/field.h"

#include <string.h>

#include "connectors/common/document.h"

typedef struct FieldType
{
	const char *word;  /* the service's */
	const char *other; /* a second word for it, or NULL */
	const char *name;  /* GoogleSQL's */
	FieldKind kind;
	const char *pg_type;
	const char *pg_array;
} FieldType;

static const FieldType types[] = {
	{"STRING", NULL, "STRING", FIELD_STRING, NULL, "text[]"},
	{"BYTES", NULL, "BYTES", FIELD_BYTES, "bytea", "bytea[]"},
	{"INTEGER", "INT64", "INT64", FIELD_INTEGER, "bigint", "bigint[]"},
	{"FLOAT", "FLOAT64", "FLOAT64", FIELD_FLOAT, "double precision", "double precision[]"},
	{"NUMERIC", "DECIMAL", "NUMERIC", FIELD_NUMERIC, "numeric", "numeric[]"},
	{"BIGNUMERIC", "BIGDECIMAL", "BIGNUMERIC", FIELD_NUMERIC, "numeric", "numeric[]"},
	{"BOOLEAN", "BOOL", "BOOL", FIELD_BOOLEAN, "boolean", "boolean[]"},
	{"TIMESTAMP", NULL, "TIMESTAMP", FIELD_TIMESTAMP, "timestamp with time zone",
	 "timestamp with time zone[]"},
	{"DATE", NULL, "DATE", FIELD_DATE, "date", "date[]"},
	{"TIME", NULL, "TIME", FIELD_TIME, "time without time zone", "time without time zone[]"},
	{"DATETIME", NULL, "DATETIME", FIELD_DATETIME, "timestamp without time zone",
	 "timestamp without time zone[]"},
	{"JSON", NULL, "JSON", FIELD_JSON, "jsonb", "jsonb"},
	{"RECORD", "STRUCT", "STRUCT", FIELD_RECORD, "jsonb", "jsonb"},
};

static const FieldType *
find_type(const JsonNode *field)
{
	const char *word = json_member_text(field, "type");

	for (size_t i = 0; word != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].word, word) == 0 || (types[i].other != NULL && strcmp(types[i].other, word) == 0))
			return &types[i];
	return NULL;
}

FieldKind
field_kind(const JsonNode *field)
{
	const FieldType *type = find_type(field);

	return type ? type->kind : FIELD_OTHER;
}

static bool
has_mode(const JsonNode *field, const char *mode)
{
	const char *given = json_member_text(field, "mode");

	return given != NULL && strcmp(given, mode) == 0;
}

bool
field_is_repeated(const JsonNode *field)
{
	return has_mode(field, "REPEATED");
}

bool
field_is_required(const JsonNode *field)
{
	return has_mode(field, "REQUIRED");
}

const char *
field_pg_type(const JsonNode *field)
{
	const FieldType *type = find_type(field);

	if (field_is_repeated(field))
		return type ? type->pg_array : "text[]";
	return type ? type->pg_type : NULL;
}

/* ---- types in GoogleSQL ---- */

static void append_whole_type(WireBuffer *out, const JsonNode *field, int level);

static void
append_struct(WireBuffer *out, const JsonNode *field, int level)
{
	const JsonNode *fields = json_member(field, "fields");

	document_literal(out, "STRUCT");
	if (fields == NULL || fields->count == 0 || level >= MOST_FIELD_LEVELS)
		return;
	document_literal(out, "<");
	for (const JsonNode *each = fields->first; each; each = each->next)
	{
		const char *name = json_member_text(each, "name");

		wire_append_text(out, each == fields->first ? "" : ", ");
		wire_append_text(out, name ? name : "");
		document_literal(out, " ");
		append_whole_type(out, each, level + 1);
	}
	document_literal(out, ">");
}

/* Numbers of the parameters are texts: maxLength, precision, scale. */
static void
append_parameters(WireBuffer *out, const JsonNode *field)
{
	const char *length = json_member_text(field, "maxLength");
	const char *precision = json_member_text(field, "precision");
	const char *scale = json_member_text(field, "scale");

	if (length == NULL && precision == NULL)
		return;
	document_literal(out, "(");
	wire_append_text(out, length ? length : precision);
	if (length == NULL && scale != NULL)
	{
		document_literal(out, ", ");
		wire_append_text(out, scale);
	}
	document_literal(out, ")");
}

static void
append_type(WireBuffer *out, const JsonNode *field, int level)
{
	const FieldType *type = find_type(field);
	const char *word = json_member_text(field, "type");
	const char *element = json_member_text(json_member(field, "rangeElementType"), "type");

	if (type != NULL && type->kind == FIELD_RECORD)
	{
		append_struct(out, field, level);
		return;
	}
	wire_append_text(out, type ? type->name : word ? word : "unknown");
	if (element != NULL)
	{
		document_literal(out, "<");
		wire_append_text(out, element);
		document_literal(out, ">");
	}
	append_parameters(out, field);
}

static void
append_whole_type(WireBuffer *out, const JsonNode *field, int level)
{
	bool is_repeated = field_is_repeated(field);

	wire_append_text(out, is_repeated ? "ARRAY<" : "");
	append_type(out, field, level);
	wire_append_text(out, is_repeated ? ">" : "");
}

void
field_append_type(WireBuffer *out, const JsonNode *field)
{
	append_type(out, field, 0);
}

/* ---- nested columns ---- */

static void append_content(WireBuffer *out, const JsonNode *field, int level);

static void
append_column(WireBuffer *out, const JsonNode *field, int level)
{
	WireBuffer type = {.data = NULL};

	append_type(&type, field, level);
	wire_append(&type, "", 1);
	document_literal(out, "{");
	document_text(out, "name", json_member_text(field, "name"));
	document_text(out, "type", type.failed ? NULL : type.data);
	document_text(out, "pg_type", field_pg_type(field));
	document_flag(out, "not_null", field_is_required(field));
	document_text(out, "comment", json_member_text(field, "description"));
	append_content(out, field, level);
	document_literal(out, "}");
	out->failed |= type.failed;
	wire_free(&type);
}

static void
append_content(WireBuffer *out, const JsonNode *field, int level)
{
	const JsonNode *fields = json_member(field, "fields");

	if (field_is_repeated(field))
		document_literal(out, ",\"repeated\":true");
	if (fields == NULL || fields->count == 0 || level >= MOST_FIELD_LEVELS)
		return;
	document_literal(out, ",\"fields\":[");
	for (const JsonNode *each = fields->first; each; each = each->next)
	{
		document_separate(out);
		append_column(out, each, level + 1);
	}
	document_literal(out, "]");
}

void
field_append_content(WireBuffer *out, const JsonNode *field)
{
	append_content(out, field, 0);
}
