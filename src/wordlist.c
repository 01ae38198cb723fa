/* wordlist.c — the words that callers may give. */
#include "wordlist.h"

#include "lib/stringinfo.h"

const char *const rg_wordlist_roles[] = {"viewer", "editor", "admin", NULL};
const char *const rg_wordlist_source_statuses[] = {"active", "inactive",    "testing",
												   "failed", "maintenance", NULL};
const char *const rg_wordlist_settable_statuses[] = {"active", "inactive", "maintenance", NULL};
const char *const rg_wordlist_job_statuses[] = {"queued", "running",   "succeeded",
												"failed", "cancelled", NULL};
const char *const rg_wordlist_description_statuses[] = {"NOT_SCANNED", "SYNCHRONIZING", "DEPRECATED",
														"SCANNED",     "FAILED",        NULL};
const char *const rg_wordlist_orders[] = {"asc", "desc", NULL};
const char *const rg_wordlist_context_formats[] = {"mschema", "ddl", "compact", "json", NULL};
const char *const rg_wordlist_search_kinds[] = {"source", "schema", "table", "column", NULL};

int
rg_wordlist_index(const char *const *words, const char *word)
{
	for (int i = 0; words[i] != NULL; i++)
	{
		if (strcmp(words[i], word) == 0)
			return i;
	}
	return -1;
}

char *
rg_wordlist_text(const char *const *words)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; words[i] != NULL; i++)
		appendStringInfo(&list, "%s%s", i > 0 ? ", " : "", words[i]);
	return list.data;
}
