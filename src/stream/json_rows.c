#include "stream/json_rows.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "catalog/bounded.h"
#include "error.h"
#include "json.h"
#include "json_value.h"
#include "wire/copy_text.h"
#include "wire/mask.h"

typedef enum Form
{
	A_TEXT,
	A_NUMBER,
	A_TRUTH,
	A_DOCUMENT,
} Form;

struct RgJsonRows
{
	int count;
	char **names;
	char **types;
	Form *forms;
	bool *is_private; /* by its name */
	WireField *fields;
	bool masks;
	int64 most;
	int64 taken;
	int64 bytes;
	JsonbParseState *state;
};

static Form
form_of(const char *type)
{
	static const char *const numbers[] = {"smallint", "integer",          "bigint", "numeric",
										  "real",     "double precision", "oid"};

	for (int i = 0; i < (int) lengthof(numbers); i++)
	{
		if (strcmp(type, numbers[i]) == 0)
			return A_NUMBER;
	}
	if (strcmp(type, "boolean") == 0)
		return A_TRUTH;
	return strcmp(type, "json") == 0 || strcmp(type, "jsonb") == 0 ? A_DOCUMENT : A_TEXT;
}

static char *
member(JsonbContainer *object, const char *name, const char *otherwise)
{
	JsonbValue *value = rg_json_member(object, name);

	if (value == NULL || value->type != jbvString)
		return pstrdup(otherwise);
	return pnstrdup(value->val.string.val, value->val.string.len);
}

RgJsonRows *
rg_stream_json_begin(JsonbContainer *columns, bool masks, int64 most)
{
	RgJsonRows *rows = palloc0(sizeof(RgJsonRows));
	int count = (int) JsonContainerSize(columns);

	rows->names = palloc0(sizeof(char *) * (Size) (count + 1));
	rows->types = palloc0(sizeof(char *) * (Size) (count + 1));
	rows->forms = palloc0(sizeof(Form) * (Size) (count + 1));
	rows->is_private = palloc0(sizeof(bool) * (Size) (count + 1));
	rows->fields = palloc0(sizeof(WireField) * (Size) (count + 1));
	rows->masks = masks;
	rows->most = most;
	for (int i = 0; i < count; i++)
	{
		JsonbContainer *column = getIthJsonbValueFromContainer(columns, (uint32) i)->val.binary.data;

		rows->names[i] = member(column, "name", "");
		rows->types[i] = member(column, "pg_type", "text");
		rows->forms[i] = form_of(rows->types[i]);
		rows->is_private[i] = masks && wire_name_looks_private(rows->names[i]);
	}
	rows->count = count;
	pushJsonbValue(&rows->state, WJB_BEGIN_ARRAY, NULL);
	return rows;
}

/* A number that JSON and numeric can hold: NaN and Infinity are none, and become texts. */
static bool
is_number(const char *text)
{
	const char *digits = text + (*text == '-');
	size_t length = strspn(digits, "0123456789");

	if (length == 0)
		return false;
	digits += length;
	if (*digits == '.')
		digits += 1 + strspn(digits + 1, "0123456789");
	if (*digits == 'e' || *digits == 'E')
	{
		digits++;
		digits += *digits == '+' || *digits == '-';
		length = strspn(digits, "0123456789");
		if (length == 0 || length > 3)
			return false;
		digits += length;
	}
	return *digits == '\0';
}

static JsonbValue *
number(const char *text)
{
	JsonbValue *value = palloc0(sizeof(JsonbValue));

	value->type = jbvNumeric;
	value->val.numeric = DatumGetNumeric(DirectFunctionCall3(
		numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	return value;
}

static JsonbValue *
value_of(const RgJsonRows *rows, int column)
{
	const WireField *field = &rows->fields[column];
	const char *fault;
	Jsonb *document;

	if (field->text == NULL)
		return rg_json_null();
	if (rows->masks && (rows->is_private[column] || wire_value_looks_private(field->text)))
		return rg_json_text(MASK);
	if (rows->forms[column] == A_NUMBER && is_number(field->text))
		return number(field->text);
	if (rows->forms[column] == A_TRUTH && field->length == 1 && strchr("tf", field->text[0]) != NULL)
		return rg_json_boolean(field->text[0] == 't');
	if (rows->forms[column] == A_DOCUMENT &&
		(document = rg_json_parse(field->text, (int) field->length, &fault)) != NULL)
		return rg_json_container(document);
	return rg_json_string(field->text, (int) field->length);
}

static void
fail_broken(const char *fault)
{
	rg_fail(RG_BAD_GATEWAY, "the connector broke the protocol", fault,
			"The fault is the connector's: report it to its maker.");
}

static void
push_row(RgJsonRows *rows)
{
	pushJsonbValue(&rows->state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < rows->count; i++)
	{
		JsonbValue *value = value_of(rows, i);

		/* A document that is one scalar is a container of it. */
		if (value->type == jbvBinary && JsonContainerIsScalar(value->val.binary.data))
			JsonbExtractScalar(value->val.binary.data, value);
		pushJsonbValue(&rows->state, WJB_ELEM, value);
	}
	pushJsonbValue(&rows->state, WJB_END_ARRAY, NULL);
}

bool
rg_stream_json_add(RgJsonRows *rows, RgStreamPart *part)
{
	WireRows text;
	const char *fault;

	rows->bytes += (int64) part->length;
	rg_bounded_require(rows->bytes, "Ask for fewer rows or columns.");
	if (!pg_verifymbstr(part->bytes, (int) part->length, true))
		fail_broken("Rows are not UTF-8.");
	wire_rows_begin(&text, part->bytes, part->length);
	while ((fault = wire_rows_next(&text, rows->fields, rows->count)) == NULL && !text.ended)
	{
		if (rows->taken == rows->most)
			return false;
		rows->taken++;
		push_row(rows);
	}
	if (fault != NULL)
		fail_broken(fault);
	return true;
}

bool
rg_stream_json_is_full(const RgJsonRows *rows)
{
	return rows->taken == rows->most;
}

static JsonbValue *
described_columns(const RgJsonRows *rows)
{
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < rows->count; i++)
	{
		JsonbParseState *column = NULL;

		pushJsonbValue(&column, WJB_BEGIN_OBJECT, NULL);
		rg_json_put(&column, "name", rg_json_text(rows->names[i]));
		rg_json_put(&column, "type", rg_json_text(rows->types[i]));
		pushJsonbValue(&state, WJB_ELEM,
					   rg_json_container(JsonbValueToJsonb(pushJsonbValue(&column, WJB_END_OBJECT, NULL))));
	}
	return rg_json_container(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_ARRAY, NULL)));
}

Jsonb *
rg_stream_json_end(RgJsonRows *rows, bool truncated)
{
	Jsonb *all = JsonbValueToJsonb(pushJsonbValue(&rows->state, WJB_END_ARRAY, NULL));
	JsonbParseState *answer = NULL;

	pushJsonbValue(&answer, WJB_BEGIN_OBJECT, NULL);
	rg_json_put(&answer, "columns", described_columns(rows));
	rg_json_put(&answer, "rows", rg_json_container(all));
	rg_json_put(&answer, "truncated", rg_json_boolean(truncated));
	return JsonbValueToJsonb(pushJsonbValue(&answer, WJB_END_OBJECT, NULL));
}
