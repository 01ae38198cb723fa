/*
 * finding.h — searches the dictionary of an organization (sql/objects/209_search.sql).
 */
#ifndef RG_FINDING_H
#define RG_FINDING_H

#include "postgres.h"

#include "utils/array.h"
#include "utils/jsonb.h"

typedef struct RgSearch
{
	const char *query;
	ArrayType *kinds;     /* NULL: all */
	int64 data_source_id; /* 0: all */
	const char *schema;
	ArrayType *tags;
	int32 limit;
	bool facets;
} RgSearch;

/* What the text of a query asks for. */
typedef struct RgSearchWords
{
	bool has_words; /* besides filters */
	bool has_tags;
	int count;
	bool kinds_are_known;
} RgSearchWords;

/* The place that the cursor names; NULL if it is no cursor. */
extern Jsonb *rg_search_place(const char *cursor);

extern RgSearchWords rg_search_words(const char *query);

/* The hits behind the place, which is NULL for the first page. */
extern Jsonb *rg_search(int64 organization_id, const RgSearch *search, Jsonb *place);

#endif
