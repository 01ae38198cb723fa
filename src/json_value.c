/* json_value.c — making and reading jsonb values. */
#include "json_value.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"

static JsonbValue *
value_of(enum jbvType type)
{
	JsonbValue *value = palloc0(sizeof(JsonbValue));

	value->type = type;
	return value;
}

JsonbValue *
rg_json_null(void)
{
	return value_of(jbvNull);
}

JsonbValue *
rg_json_boolean(bool truth)
{
	JsonbValue *value = value_of(jbvBool);

	value->val.boolean = truth;
	return value;
}

JsonbValue *
rg_json_integer(int64 number)
{
	JsonbValue *value = value_of(jbvNumeric);

	value->val.numeric = int64_to_numeric(number);
	return value;
}

JsonbValue *
rg_json_string(const char *text, int length)
{
	JsonbValue *value = value_of(jbvString);

	value->val.string.val = pnstrdup(text, length);
	value->val.string.len = length;
	return value;
}

JsonbValue *
rg_json_text(const char *text)
{
	return rg_json_string(text, strlen(text));
}

JsonbValue *
rg_json_container(Jsonb *container)
{
	JsonbValue *value = value_of(jbvBinary);

	value->val.binary.data = &container->root;
	value->val.binary.len = VARSIZE(container) - VARHDRSZ;
	return value;
}

void
rg_json_put(JsonbParseState **object, const char *name, JsonbValue *value)
{
	pushJsonbValue(object, WJB_KEY, rg_json_text(name));
	pushJsonbValue(object, WJB_VALUE, value);
}

JsonbValue *
rg_json_member(JsonbContainer *object, const char *name)
{
	return getKeyJsonValueFromContainer(object, name, strlen(name), NULL);
}

static int
compare_numeric(Numeric a, Numeric b)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(a), NumericGetDatum(b)));
}

bool
rg_json_equal(const JsonbValue *a, const JsonbValue *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type)
	{
		case jbvNull:
			return true;
		case jbvBool:
			return a->val.boolean == b->val.boolean;
		case jbvNumeric:
			return compare_numeric(a->val.numeric, b->val.numeric) == 0;
		case jbvString:
			return a->val.string.len == b->val.string.len &&
				   memcmp(a->val.string.val, b->val.string.val, a->val.string.len) == 0;
		default:
			return false;
	}
}

Jsonb *
rg_json_without(Jsonb *object, const char *name)
{
	return DatumGetJsonbP(
		DirectFunctionCall2(jsonb_delete, JsonbPGetDatum(object), CStringGetTextDatum(name)));
}

Jsonb *
rg_json_with(Jsonb *object, Jsonb *more)
{
	return DatumGetJsonbP(DirectFunctionCall2(jsonb_concat, JsonbPGetDatum(object), JsonbPGetDatum(more)));
}
