/*
 * pattern.c — the patterns of metadata.discovery as SQL functions; wire/pattern.c decides.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "wire/pattern.h"

PG_FUNCTION_INFO_V1(rg_sql_pattern_matches);
PG_FUNCTION_INFO_V1(rg_sql_pattern_reaches);

/* Returns false for a text that is no pattern: it matches nothing. */
static bool
read_pattern(FunctionCallInfo fcinfo, WirePattern *pattern)
{
	return !PG_ARGISNULL(0) && !PG_ARGISNULL(1) &&
		   wire_pattern_parse(text_to_cstring(PG_GETARG_TEXT_PP(0)), pattern) == NULL;
}

Datum
rg_sql_pattern_matches(PG_FUNCTION_ARGS)
{
	char *schema = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	char *relation = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	WirePattern pattern;

	if (!read_pattern(fcinfo, &pattern))
		PG_RETURN_BOOL(false);

	bool matches = wire_pattern_matches(&pattern, schema, relation);

	wire_pattern_free(&pattern);
	PG_RETURN_BOOL(matches);
}

Datum
rg_sql_pattern_reaches(PG_FUNCTION_ARGS)
{
	char *schema = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	WirePattern pattern;

	if (!read_pattern(fcinfo, &pattern))
		PG_RETURN_BOOL(false);

	bool reaches = wire_pattern_reaches(&pattern, schema);

	wire_pattern_free(&pattern);
	PG_RETURN_BOOL(reaches);
}
