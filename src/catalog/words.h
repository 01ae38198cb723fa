/*
 * words.h — the words and stems of names as the search index has them (sql/tables/056_search.sql).
 */
#ifndef RG_WORDS_H
#define RG_WORDS_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/array.h"

/* The id of a word, of a stem, or of a whole name: '=' and each of its stems. No id is of two organizations
 * but by chance. */
extern int32 rg_stem_id(int64 organization_id, const char *stem);

/* Makes the plural of an English word a form that its singular has, too, which is no longer; the bytes of it.
 * Case is folded. */
extern int rg_name_word_singular(char *word, int length);

/* Sorts the ids and removes the repeated ones; their number. */
extern int rg_ids_sort(Datum *ids, int count);

/* The ids, sorted and each once. */
extern ArrayType *rg_ids_array(Datum *ids, int count);

/* Finds the stems of words, and keeps what it has found in the memory context. */
typedef struct RgStemmer RgStemmer;

extern RgStemmer *rg_stemmer(MemoryContext context);

/* How many words of the name have one of the stems, which are strings. */
extern int rg_name_stems(RgStemmer *stemmer, const char *name, const List *stems);

#endif
