/*
 * scan_options.c — checks metadata.scan: which parts of a scan a source's owner wants.
 */
#include "scan_options.h"

#include "check/text.h"

static bool
is_known(const char *name, int length)
{
	static const char *const names[] = {"categories", "examples", "masking"};

	for (int i = 0; i < (int) lengthof(names); i++)
	{
		if (length == (int) strlen(names[i]) && memcmp(name, names[i], length) == 0)
			return true;
	}
	return false;
}

static void
check_option(RgFaults *faults, const JsonbValue *key, const JsonbValue *value)
{
	const char *label =
		psprintf("metadata.scan.%s", rg_printable_name(key->val.string.val, key->val.string.len));

	if (!is_known(key->val.string.val, key->val.string.len))
		rg_fault(faults, label, "is not known; scan has categories, examples and masking");
	else if (value->type != jbvBool)
		rg_fault(faults, label, "must be true or false");
}

void
rg_scanning_check(RgFaults *faults, const JsonbValue *scan)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue key;
	JsonbValue value;

	if (scan == NULL || scan->type == jbvNull)
		return;
	if (scan->type != jbvBinary || !JsonContainerIsObject(scan->val.binary.data))
	{
		rg_fault(faults, "metadata.scan", "must be an object with categories, examples and masking");
		return;
	}
	iterator = JsonbIteratorInit(scan->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		JsonbIteratorNext(&iterator, &value, true);
		check_option(faults, &key, &value);
	}
}
