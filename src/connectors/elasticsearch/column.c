#include "connectors/elasticsearch/column.h"

#include <string.h>

#include "connectors/common/document.h"
#include "connectors/elasticsearch/date_format.h"

typedef struct TypeForm
{
	const char *type;
	ColumnForm form;
	const char *pg_type;
} TypeForm;

/*
 * A type that is not here is of texts: keyword, text, ip, version and so on. Of those that are numbers or
 * times a document may have several values all the same; PostgreSQL then says so.
 */
static const TypeForm type_forms[] = {
	{"boolean", FORM_BOOLEAN, "boolean"},
	{"byte", FORM_INTEGER, "smallint"},
	{"short", FORM_INTEGER, "smallint"},
	{"integer", FORM_INTEGER, "integer"},
	{"long", FORM_INTEGER, "bigint"},
	{"unsigned_long", FORM_NUMBER, "numeric"},
	{"half_float", FORM_NUMBER, "double precision"},
	{"float", FORM_NUMBER, "double precision"},
	{"double", FORM_NUMBER, "double precision"},
	{"scaled_float", FORM_NUMBER, "double precision"},
	{"rank_feature", FORM_NUMBER, "double precision"},
	{"object", FORM_JSON, "jsonb"},
	{"nested", FORM_JSON, "jsonb"},
	{"flattened", FORM_JSON, "jsonb"},
	{"flat_object", FORM_JSON, "jsonb"},
	{"passthrough", FORM_JSON, "jsonb"},
	{"join", FORM_JSON, "jsonb"},
	{"geo_point", FORM_JSON, "jsonb"},
	{"geo_shape", FORM_JSON, "jsonb"},
	{"point", FORM_JSON, "jsonb"},
	{"xy_point", FORM_JSON, "jsonb"},
	{"shape", FORM_JSON, "jsonb"},
	{"xy_shape", FORM_JSON, "jsonb"},
	{"dense_vector", FORM_JSON, "jsonb"},
	{"knn_vector", FORM_JSON, "jsonb"},
	{"sparse_vector", FORM_JSON, "jsonb"},
	{"rank_features", FORM_JSON, "jsonb"},
	{"rank_vectors", FORM_JSON, "jsonb"},
	{"histogram", FORM_JSON, "jsonb"},
	{"aggregate_metric_double", FORM_JSON, "jsonb"},
	{"completion", FORM_JSON, "jsonb"},
	{"percolator", FORM_JSON, "jsonb"},
	{"semantic_text", FORM_JSON, "jsonb"},
	{"integer_range", FORM_JSON, "jsonb"},
	{"long_range", FORM_JSON, "jsonb"},
	{"float_range", FORM_JSON, "jsonb"},
	{"double_range", FORM_JSON, "jsonb"},
	{"date_range", FORM_JSON, "jsonb"},
	{"ip_range", FORM_JSON, "jsonb"},
};

static const TypeForm text_form = {"text", FORM_TEXT, NULL};
static const TypeForm json_form = {"object", FORM_JSON, "jsonb"};

static const TypeForm *
form_of_date(const Field *field)
{
	static const TypeForm date = {"date", FORM_DATE, "timestamp with time zone"};
	static const TypeForm day = {"date", FORM_DAY, "date"};
	DateFormat format = date_format_of(field->format);

	return !format.is_known ? &text_form : format.is_day ? &day : &date;
}

/* An alias has the values of its target; one of an alias does not exist. */
static const Field *
target_of(const Fields *fields, const Field *field)
{
	const Field *target = field->path ? fields_at(fields, field->path) : NULL;

	return target ? target : field;
}

/* What several indices have as different types is an object in some of them, if it has members. */
static const TypeForm *
form_of(const Fields *fields, const Field *alias_or_field)
{
	const Field *field = target_of(fields, alias_or_field);

	if (strcmp(field->type, "date") == 0 || strcmp(field->type, "date_nanos") == 0)
		return form_of_date(field);
	for (size_t i = 0; i < sizeof(type_forms) / sizeof(type_forms[0]); i++)
		if (strcmp(type_forms[i].type, field->type) == 0)
			return &type_forms[i];
	return strstr(field->type, " | ") != NULL && field->first != NULL && !field->first->is_multi ? &json_form
																								 : &text_form;
}

ColumnForm
column_form(const Fields *fields, const Field *field)
{
	return form_of(fields, field)->form;
}

const char *
column_pg_type(const Fields *fields, const Field *field)
{
	return form_of(fields, field)->pg_type;
}

/* ---- documents ---- */

static void append_fields(WireBuffer *out, const Fields *fields, const Field *parent);

static void
append_field(WireBuffer *out, const Fields *fields, const Field *field)
{
	document_literal(out, "{");
	document_text(out, "name", field->name);
	document_text(out, "type", target_of(fields, field)->type);
	document_text(out, "pg_type", column_pg_type(fields, field));
	if (field->settings != NULL)
		wire_append_text(out, field->settings);
	if (field->first != NULL)
	{
		document_literal(out, ",\"fields\":[");
		append_fields(out, fields, field);
		document_literal(out, "]");
	}
	document_literal(out, "}");
}

static void
append_fields(WireBuffer *out, const Fields *fields, const Field *parent)
{
	for (const Field *field = parent->first; field; field = field->next)
	{
		document_separate(out);
		append_field(out, fields, field);
	}
}

void
columns_append(WireBuffer *out, const Fields *fields)
{
	document_literal(out, "\"columns\":[{\"name\":\"" ID_COLUMN "\",\"type\":\"" ID_COLUMN
						  "\",\"not_null\":true}");
	append_fields(out, fields, &fields->root);
	document_literal(out, "]");
}
