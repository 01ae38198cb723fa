/*
 * values.c — converts the text of a query, or a member of a body, to an SQL value. The SQL functions check
 * bounds and valid words themselves.
 */
#include "values.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "error.h"

#define MOST_IDS 10000

static bool
is_integer(const char *text)
{
	const char *digits = text[0] == '-' ? text + 1 : text;

	return digits[0] != '\0' && strspn(digits, "0123456789") == strlen(digits);
}

void
rg_http_fail_missing(const RgParameter *parameter, const char *id)
{
	rg_fail(RG_NOT_FOUND, psprintf("%s %s not found", parameter->names, rg_printable_name(id, strlen(id))),
			NULL, NULL);
}

/* A number beyond bigint becomes the nearest bigint: no object has that id. */
static int64
id_of(RgFaults *faults, const RgParameter *parameter, const char *text)
{
	if (is_integer(text))
		return strtoi64(text, NULL, 10);
	if (parameter->kind != RG_VALUE_ID && text[0] != '\0')
		rg_http_fail_missing(parameter, text);
	rg_fault(faults, parameter->name, "must be an integer");
	return 0;
}

/* The function checks the bounds of a parameter; here only those of integer count. */
static int32
integer_within(RgFaults *faults, const RgParameter *parameter, int64 value)
{
	if (value < PG_INT32_MIN || value > PG_INT32_MAX)
		rg_fault(faults, parameter->name, "must be between " INT64_FORMAT " and " INT64_FORMAT,
				 parameter->minimum, parameter->maximum);
	return (int32) value;
}

static int32
integer_of(RgFaults *faults, const RgParameter *parameter, const char *text)
{
	if (is_integer(text))
		return integer_within(faults, parameter, strtoi64(text, NULL, 10));
	rg_fault(faults, parameter->name, "must be an integer");
	return 0;
}

static bool
boolean_of(RgFaults *faults, const char *name, const char *text)
{
	if (pg_strcasecmp(text, "true") == 0 || strcmp(text, "1") == 0)
		return true;
	if (pg_strcasecmp(text, "false") != 0 && strcmp(text, "0") != 0)
		rg_fault(faults, name, "must be true or false");
	return false;
}

static Datum
texts_of(const char *list)
{
	ArrayBuildState *state = initArrayResult(TEXTOID, CurrentMemoryContext, false);

	while (*list != '\0')
	{
		int length = strcspn(list, ",");

		accumArrayResult(state, PointerGetDatum(cstring_to_text_with_len(list, length)), false, TEXTOID,
						 CurrentMemoryContext);
		list += length + (list[length] == ',');
	}
	return makeArrayResult(state, CurrentMemoryContext);
}

Datum
rg_http_value(RgFaults *faults, const RgParameter *parameter, const char *text)
{
	switch (parameter->kind)
	{
		case RG_VALUE_ID:
		case RG_VALUE_OPAQUE:
			return Int64GetDatum(id_of(faults, parameter, text));
		case RG_VALUE_INTEGER:
			return Int32GetDatum(integer_of(faults, parameter, text));
		case RG_VALUE_BOOLEAN:
			return BoolGetDatum(boolean_of(faults, parameter->name, text));
		case RG_VALUE_TEXTS:
			return texts_of(text);
		default:
			return CStringGetTextDatum(text);
	}
}

/* ---- members of a body ---- */

static bool
is_beyond(Numeric number, int64 bound)
{
	Datum values[] = {NumericGetDatum(number), NumericGetDatum(int64_to_numeric(bound))};

	return DatumGetBool(bound > 0 ? DirectFunctionCall2(numeric_gt, values[0], values[1])
								  : DirectFunctionCall2(numeric_lt, values[0], values[1]));
}

/* A number of a few characters can have a hundred thousand digits, so it is compared before it is printed. */
static int64
json_id(RgFaults *faults, const RgParameter *parameter, const JsonbValue *value)
{
	char *text;

	if (value->type == jbvString)
		return id_of(faults, parameter, pnstrdup(value->val.string.val, value->val.string.len));
	if (value->type == jbvNumeric)
	{
		if (is_beyond(value->val.numeric, PG_INT64_MAX))
			return PG_INT64_MAX;
		if (is_beyond(value->val.numeric, PG_INT64_MIN))
			return PG_INT64_MIN;
		text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
		if (is_integer(text))
			return strtoi64(text, NULL, 10);
	}
	rg_fault(faults, parameter->name, "must be an integer");
	return 0;
}

static Datum
json_ids(RgFaults *faults, const RgParameter *parameter, const JsonbValue *value)
{
	ArrayBuildState *state = initArrayResult(INT8OID, CurrentMemoryContext, false);
	bool is_array = value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data);
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue element;

	if (!is_array)
		rg_fault(faults, parameter->name, "must be an array of ids");
	else if (JsonContainerSize(value->val.binary.data) > MOST_IDS)
		rg_fault(faults, parameter->name, "must be at most %d ids", MOST_IDS);
	else
	{
		iterator = JsonbIteratorInit(value->val.binary.data);
		while ((token = JsonbIteratorNext(&iterator, &element, true)) != WJB_DONE)
		{
			if (token == WJB_ELEM)
				accumArrayResult(state, Int64GetDatum(json_id(faults, parameter, &element)), false, INT8OID,
								 CurrentMemoryContext);
		}
	}
	return makeArrayResult(state, CurrentMemoryContext);
}

static Datum
json_integer(RgFaults *faults, const RgParameter *parameter, const JsonbValue *value)
{
	if (value->type == jbvNumeric)
		return Int32GetDatum(integer_within(faults, parameter, json_id(faults, parameter, value)));
	rg_fault(faults, parameter->name, "must be an integer");
	return Int32GetDatum(0);
}

static Datum
json_boolean(RgFaults *faults, const RgParameter *parameter, const JsonbValue *value)
{
	if (value->type != jbvBool)
		rg_fault(faults, parameter->name, "must be true or false");
	return BoolGetDatum(value->type == jbvBool && value->val.boolean);
}

static Datum
json_texts(RgFaults *faults, const RgParameter *parameter, const JsonbValue *value)
{
	ArrayBuildState *state = initArrayResult(TEXTOID, CurrentMemoryContext, false);
	bool is_array = value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data);
	int count = is_array ? (int) JsonContainerSize(value->val.binary.data) : 0;

	if (!is_array)
		rg_fault(faults, parameter->name, "must be an array of strings");
	for (int i = 0; i < count; i++)
	{
		const JsonbValue *element = getIthJsonbValueFromContainer(value->val.binary.data, (uint32) i);

		if (element->type != jbvString)
		{
			rg_fault(faults, parameter->name, "must be an array of strings");
			break;
		}
		accumArrayResult(
			state,
			PointerGetDatum(cstring_to_text_with_len(element->val.string.val, element->val.string.len)),
			false, TEXTOID, CurrentMemoryContext);
	}
	return makeArrayResult(state, CurrentMemoryContext);
}

Datum
rg_http_json_value(RgFaults *faults, const RgParameter *parameter, const JsonbValue *value)
{
	switch (parameter->kind)
	{
		case RG_VALUE_ID:
		case RG_VALUE_OPAQUE:
			return Int64GetDatum(json_id(faults, parameter, value));
		case RG_VALUE_IDS:
			return json_ids(faults, parameter, value);
		case RG_VALUE_INTEGER:
			return json_integer(faults, parameter, value);
		case RG_VALUE_BOOLEAN:
			return json_boolean(faults, parameter, value);
		case RG_VALUE_TEXTS:
			return json_texts(faults, parameter, value);
		default:
			break;
	}
	if (value->type == jbvString)
		return PointerGetDatum(cstring_to_text_with_len(value->val.string.val, value->val.string.len));
	rg_fault(faults, parameter->name, "must be a string");
	return (Datum) 0;
}
