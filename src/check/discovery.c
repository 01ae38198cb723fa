/*
 * discovery.c — checks metadata.discovery, with one row of a table for each member; the member window is in
 * window_option.c.
 */
#include "check/discovery.h"

#include "mb/pg_wchar.h"

#include "check/text.h"
#include "check/window_option.h"
#include "wire/pattern.h"

#define MOST_PATTERNS           100
#define MOST_PATTERN_CHARACTERS 300

/* Returns what is wrong with the pattern, or NULL. */
static const char *
pattern_fault(const JsonbValue *value)
{
	WirePattern pattern;
	const char *fault;

	if (value->type != jbvString)
		return "is not a string";
	if (pg_mbstrlen_with_len(value->val.string.val, value->val.string.len) > MOST_PATTERN_CHARACTERS)
		return psprintf("has more than %d characters", MOST_PATTERN_CHARACTERS);

	const char *text = value->val.string.val;
	int length = value->val.string.len;

	rg_text_trim(&text, &length);
	if (length != value->val.string.len)
		return "has white space around it";
	fault = wire_pattern_parse(pnstrdup(text, length), &pattern);
	if (fault == NULL)
		wire_pattern_free(&pattern);
	return fault;
}

static void
check_patterns(RgFaults *faults, const char *label, const JsonbValue *value)
{
	JsonbContainer *array;

	if (value->type != jbvBinary || !JsonContainerIsArray(value->val.binary.data))
	{
		rg_fault(faults, label, "must be an array of patterns");
		return;
	}
	array = value->val.binary.data;
	if (JsonContainerSize(array) > MOST_PATTERNS)
	{
		rg_fault(faults, label, "must be at most %d patterns, not %u", MOST_PATTERNS,
				 JsonContainerSize(array));
		return;
	}
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		const char *fault = pattern_fault(getIthJsonbValueFromContainer(array, i));

		if (fault == NULL)
			continue;
		rg_fault(faults, label, "the pattern at position %u %s", i + 1, fault);
		rg_fault_hint(faults,
					  "A pattern is a schema or schema.relation, in which * and ? are wildcards; names with "
					  "a dot or a wildcard in them are quoted, as in \"my.schema\".*");
	}
}

static const struct
{
	const char *name;
	const char *label;
	void (*check)(RgFaults *faults, const char *label, const JsonbValue *value);
} members[] = {
	{"include", "metadata.discovery.include", check_patterns},
	{"exclude", "metadata.discovery.exclude", check_patterns},
	{"window", "metadata.discovery.window", rg_window_check},
};

static void
refuse_member(RgFaults *faults, const JsonbValue *key)
{
	const char *names[lengthof(members)];
	const char *nearest;
	char *label =
		psprintf("metadata.discovery.%s", rg_printable_name(key->val.string.val, key->val.string.len));

	for (int i = 0; i < (int) lengthof(members); i++)
		names[i] = members[i].name;
	nearest = rg_nearest(faults, key->val.string.val, key->val.string.len, names, lengthof(members));
	if (nearest != NULL)
		rg_fault(faults, label, "is not known; did you mean %s?", nearest);
	else
		rg_fault(faults, label, "is not known");
}

static void
check_member(RgFaults *faults, const JsonbValue *key, const JsonbValue *value)
{
	for (int i = 0; i < (int) lengthof(members); i++)
	{
		if (key->val.string.len != (int) strlen(members[i].name) ||
			memcmp(key->val.string.val, members[i].name, key->val.string.len) != 0)
			continue;
		if (value->type != jbvNull)
			members[i].check(faults, members[i].label, value);
		return;
	}
	refuse_member(faults, key);
}

void
rg_patterns_check(RgFaults *faults, const JsonbValue *value)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue key;
	JsonbValue member;

	if (value == NULL || value->type == jbvNull)
		return;
	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
	{
		rg_fault(faults, "metadata.discovery", "must be an object");
		return;
	}
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		JsonbIteratorNext(&iterator, &member, true);
		check_member(faults, &key, &member);
	}
}
