/* facts.h — what the catalog knows about a foreign table, for the planner. */
#ifndef RG_FDW_FACTS_H
#define RG_FDW_FACTS_H

#include "postgres.h"

#include "nodes/bitmapset.h"

#include "foreign_table.h"

typedef struct RgFacts
{
	char *source;          /* the name of the data source; NULL: the server belongs to none */
	int64 organization_id; /* 0: none */
	double rows;           /* by the last discovery; negative: unknown */
	bool pushes;           /* may conditions be sent at all? */
	bool exact;            /* does the connector apply conditions exactly as PostgreSQL would? */
	bool has_keys;
	List *indexed; /* names at the source of columns that stand first in an index */
	List *unique;  /* of columns that are a key alone */
} RgFacts;

extern void rg_facts_load(const RgForeignTable *table, RgFacts *facts);

/* Loads the names of the columns that are indexed or unique, once. */
extern void rg_facts_load_keys(const RgForeignTable *table, RgFacts *facts);

extern bool rg_facts_names(List *names, const char *column);

#endif
