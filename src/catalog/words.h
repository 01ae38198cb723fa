/*
 * words.h — the stems of words as the search index has them (sql/tables/056_search.sql).
 */
#ifndef RG_WORDS_H
#define RG_WORDS_H

#include "postgres.h"

/* The id of a stem, or of a whole name: '=' and each of its stems. No id is of two organizations but by
 * chance. */
extern int32 rg_stem_id(int64 organization_id, const char *stem);

#endif
