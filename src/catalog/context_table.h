/*
 * context_table.h — what the schema context writes about a relation, read from its document and from what
 * users wrote about it.
 */
#ifndef RG_CONTEXT_TABLE_H
#define RG_CONTEXT_TABLE_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

#include "catalog/words.h"

#define RG_CONTEXT_LONGEST_TEXT 400

/* Texts are lines of at most RG_CONTEXT_LONGEST_TEXT characters. Names are spelled as queries of the source
 * need them, but for those that are plain. */
typedef struct RgContextColumn
{
	const char *plain;
	const char *name;
	const char *type;
	const char *text;   /* NULL: none */
	const char *values; /* examples as an array of JSON; NULL: none */
	bool is_key;
	bool is_referring; /* it belongs to a foreign key */
	bool is_not_null;
	bool is_important;
	bool is_in_line; /* it is one of the most important */
} RgContextColumn;

typedef struct RgContextKey
{
	const char *plain_schema; /* of the table that it refers to */
	const char *plain_table;
	const char *table;
	List *columns;
	List *referenced; /* NIL: not known */
	List *plain_columns;
	List *plain_referenced; /* NIL: not known */
} RgContextKey;

typedef struct RgContextTable
{
	int64 id;
	int64 source_id;
	const char *source_name;
	const char *plain_schema;
	const char *plain_name;
	const char *name; /* with its schema */
	const char *kind; /* NULL: a table */
	const char *text; /* NULL: none */
	const char *label;
	const char *source; /* "source 3", where there are tables of several; else NULL */
	const char *shards; /* of how many tables by date the source makes it; NULL: it is one */
	const char *first_shard;
	int columns_total;
	RgContextColumn *columns;
	int columns_count;
	List *primary_key;
	RgContextKey *keys;
	int keys_count;
} RgContextTable;

/* The relations of the ids, in their order, as far as their documents have 64 MB together, the first in any
 * case; their number. Callers must be connected to SPI. */
extern int rg_context_tables_read(int64 organization_id, Datum ids, bool examples, bool descriptions,
								  RgContextTable **tables);

/* A column is important when it belongs to a key, when its name has one of the stems, or when it is one of
 * the first three. Twenty of them are the most important: those of the primary key, of other keys, with most
 * of the stems, and the first ones. */
extern void rg_context_mark_important(RgContextTable *table, RgStemmer *stemmer, const List *stems);

#endif
