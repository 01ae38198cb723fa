/*
 * decisive.c — the part of a source's metadata that can change the result of a discovery or scan, beside tls,
 * query and the patterns. A job that has begun begins again only if this part changes.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "check/source_type.h"
#include "check/text.h"

PG_FUNCTION_INFO_V1(rg_sql_decisive_options);

static bool
is_decisive(const RgSourceType *type, const JsonbValue *name)
{
	if (type != NULL && type->decisive_members != NULL)
		return rg_word_in(type->decisive_members, name->val.string.val, name->val.string.len);
	return !rg_word_in("tls discovery query", name->val.string.val, name->val.string.len);
}

Datum
rg_sql_decisive_options(PG_FUNCTION_ARGS)
{
	text *type_name = PG_GETARG_TEXT_PP(0);
	const RgSourceType *type = rg_source_type_find(VARDATA_ANY(type_name), VARSIZE_ANY_EXHDR(type_name));
	JsonbIterator *iterator = JsonbIteratorInit(&PG_GETARG_JSONB_P(1)->root);
	JsonbParseState *state = NULL;
	JsonbIteratorToken token;
	JsonbValue value;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		JsonbValue name = value;

		if (token != WJB_KEY)
			continue;
		(void) JsonbIteratorNext(&iterator, &value, true);
		if (!is_decisive(type, &name))
			continue;
		pushJsonbValue(&state, WJB_KEY, &name);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}
