/*
 * search.c — checks the arguments of a search.
 */
#include "check/search.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "check/list.h"
#include "wordlist.h"

#define MOST_CHARACTERS 1000
#define MOST_HITS       100
#define MOST_WORDS      16

static void
check_kinds(RgFaults *faults, ArrayType *kinds)
{
	Datum *values;
	bool *nulls;
	int count;

	if (kinds == NULL)
		return;
	deconstruct_array(kinds, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i] || rg_wordlist_index(rg_wordlist_search_kinds, TextDatumGetCString(values[i])) < 0)
		{
			rg_fault(faults, "kinds", "must be of %s", rg_wordlist_text(rg_wordlist_search_kinds));
			return;
		}
	}
}

void
rg_check_search(RgFaults *faults, const char *query, ArrayType *kinds, ArrayType *tags, int32 limit)
{
	if (query == NULL)
		rg_fault(faults, "query", "is required");
	else if (pg_mbstrlen(query) > MOST_CHARACTERS)
		rg_fault(faults, "query", "must have at most %d characters", MOST_CHARACTERS);
	check_kinds(faults, kinds);
	rg_check_sought_tags(faults, tags);
	if (limit < 1 || limit > MOST_HITS)
		rg_fault(faults, "row_limit", "must be between 1 and %d", MOST_HITS);
}

void
rg_check_search_words(RgFaults *faults, bool is_about, int count, bool kinds_are_known)
{
	if (!is_about)
		rg_fault(faults, "query", "must have a word or a tag besides other filters");
	if (count > MOST_WORDS)
		rg_fault(faults, "query", "must have at most %d words", MOST_WORDS);
	if (!kinds_are_known)
		rg_fault(faults, "query", "must have after kind: one of %s",
				 rg_wordlist_text(rg_wordlist_search_kinds));
}
