/*
 * wordlist.h — the words that callers may give: each list once, ended by NULL. Their rows in the tables are
 * checked by the same words (sql/tables).
 */
#ifndef RG_WORDLIST_H
#define RG_WORDLIST_H

#include "postgres.h"

extern const char *const rg_wordlist_roles[]; /* the least powerful first */
extern const char *const rg_wordlist_source_statuses[];
extern const char *const rg_wordlist_settable_statuses[];
extern const char *const rg_wordlist_job_statuses[];
extern const char *const rg_wordlist_description_statuses[];
extern const char *const rg_wordlist_orders[];
extern const char *const rg_wordlist_context_formats[];
extern const char *const rg_wordlist_search_kinds[];

/* The position of the word in the list; -1: it is not in it. */
extern int rg_wordlist_index(const char *const *words, const char *word);

/* The words with a comma between them, for messages. */
extern char *rg_wordlist_text(const char *const *words);

#endif
