/*
 * values.c — a module of the tests: how a text is read as a value of a type. Built together with
 * src/stream/value.c and src/wire/plain_value.c.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"

#include "stream/value.h"

PG_MODULE_MAGIC;
PG_FUNCTION_INFO_V1(reading_of);

static char *
text_of(Oid type, Datum value)
{
	Oid function;
	bool is_varlena;

	getTypeOutputInfo(type, &function, &is_varlena);
	return OidOutputFunctionCall(function, value);
}

/* "fails": the input function does not know the text. */
static const char *
compared(RgValueType *type, const WireField *field, Datum fast)
{
	MemoryContext context = CurrentMemoryContext;
	const char *volatile result = "fails";
	int16 length;
	bool by_value;

	get_typlenbyval(type->type, &length, &by_value);
	PG_TRY();
	{
		Datum slow = rg_value_read_by_input(type, field);

		result = datumIsEqual(fast, slow, by_value, length)
					 ? "same"
					 : psprintf("%s, not %s", text_of(type->type, fast), text_of(type->type, slow));
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return result;
}

/*
 * type, modifier, text: "input" where only the input function reads it, "same" where the quick way finds the
 * same bytes, and else what is wrong.
 */
Datum
reading_of(PG_FUNCTION_ARGS)
{
	char *bytes = text_to_cstring(PG_GETARG_TEXT_PP(2));
	WireField field = {bytes, strlen(bytes)};
	const char *result = "input";
	RgValueType type;
	RgValueStyle style;
	Datum fast;

	rg_value_type_init(&type, PG_GETARG_OID(0), PG_GETARG_INT32(1));
	type.checked = true;
	rg_value_style_pin(&style);
	if (rg_value_read_fast(&type, &field, &fast))
		result = compared(&type, &field, fast);
	rg_value_style_restore(&style);
	PG_RETURN_TEXT_P(cstring_to_text(result));
}
