/*
 * query_options.c — checks metadata.query: whether a source may be read in place, by which roles, and how
 * much.
 */
#include "query_options.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

#include "check/text.h"

typedef struct Option
{
	const char *name;
	int64 most; /* of a number; 0: the option is true or false */
} Option;

static const Option options[] = {
	{"enabled", 0},     {"viewers", 0}, {"masking", 0}, {"max_rows", INT64CONST(1000000000000)},
	{"timeout", 86400},
};

static const Option *
find_option(const char *name, int length)
{
	for (int i = 0; i < (int) lengthof(options); i++)
	{
		if (length == (int) strlen(options[i].name) && memcmp(name, options[i].name, length) == 0)
			return &options[i];
	}
	return NULL;
}

static bool
is_whole_number(const JsonbValue *value, int64 most)
{
	char *text;
	char *end;
	int64 number;

	if (value->type != jbvNumeric)
		return false;
	text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));
	errno = 0;
	number = strtoi64(text, &end, 10);
	return *end == '\0' && errno == 0 && number >= 1 && number <= most;
}

static void
check_option(RgFaults *faults, const JsonbValue *key, const JsonbValue *value)
{
	const Option *option = find_option(key->val.string.val, key->val.string.len);
	const char *label =
		psprintf("metadata.query.%s", rg_printable_name(key->val.string.val, key->val.string.len));

	if (option == NULL)
		rg_fault(faults, label, "is not known; query has enabled, viewers, masking, max_rows and timeout");
	else if (option->most == 0 && value->type != jbvBool)
		rg_fault(faults, label, "must be true or false");
	else if (option->most != 0 && !is_whole_number(value, option->most))
		rg_fault(faults, label, "must be an integer between 1 and " INT64_FORMAT, option->most);
}

void
rg_query_options_check(RgFaults *faults, const JsonbValue *query)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue key;
	JsonbValue value;

	if (query == NULL || query->type == jbvNull)
		return;
	if (query->type != jbvBinary || !JsonContainerIsObject(query->val.binary.data))
	{
		rg_fault(faults, "metadata.query",
				 "must be an object with enabled, viewers, masking, max_rows and timeout");
		return;
	}
	iterator = JsonbIteratorInit(query->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		JsonbIteratorNext(&iterator, &value, true);
		check_option(faults, &key, &value);
	}
}
