/*
 * context.c — checks the arguments of a schema context.
 */
#include "check/context.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "wordlist.h"

#define MOST_CHARACTERS 4000
#define MOST_NAMES      1000
#define LONGEST_NAME    1000
#define LEAST_BUDGET    100
#define MOST_BUDGET     1000000
#define MOST_TABLES     1000

static void
check_names(RgFaults *faults, const char *label, ArrayType *names)
{
	ArrayIterator iterator;
	bool has_long = false;
	bool is_null;
	Datum name;

	if (names == NULL)
		return;
	if (array_contains_nulls(names))
		rg_fault(faults, label, "must not hold null");
	if (ArrayGetNItems(ARR_NDIM(names), ARR_DIMS(names)) > MOST_NAMES)
	{
		rg_fault(faults, label, "must be at most %d names", MOST_NAMES);
		return;
	}
	iterator = array_create_iterator(names, 0, NULL);
	while (array_iterate(iterator, &name, &is_null))
		has_long |= !is_null && pg_mbstrlen(TextDatumGetCString(name)) > LONGEST_NAME;
	if (has_long)
		rg_fault(faults, label, "must be of names of at most %d characters", LONGEST_NAME);
}

void
rg_check_context_texts(RgFaults *faults, const char *question, ArrayType *schemas, ArrayType *tables,
					   const char *format)
{
	if (question != NULL && pg_mbstrlen(question) > MOST_CHARACTERS)
		rg_fault(faults, "question", "must have at most %d characters", MOST_CHARACTERS);
	check_names(faults, "schemas", schemas);
	check_names(faults, "tables", tables);
	if (rg_wordlist_index(rg_wordlist_context_formats, format) < 0)
		rg_fault(faults, "format", "must be one of %s", rg_wordlist_text(rg_wordlist_context_formats));
}

void
rg_check_context_bounds(RgFaults *faults, int32 budget, bool has_max_tables, int32 max_tables)
{
	if (budget < LEAST_BUDGET || budget > MOST_BUDGET)
		rg_fault(faults, "budget", "must be between %d and %d", LEAST_BUDGET, MOST_BUDGET);
	if (has_max_tables && (max_tables < 1 || max_tables > MOST_TABLES))
		rg_fault(faults, "max_tables", "must be between 1 and %d", MOST_TABLES);
}
