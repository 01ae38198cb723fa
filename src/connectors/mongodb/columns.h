/*
 * columns.h — the columns of a read, and their values in a document.
 */
#ifndef RG_MONGODB_COLUMNS_H
#define RG_MONGODB_COLUMNS_H

#include <bson/bson.h>

#include "connectors/common/judge.h"
#include "connectors/inference/path_document.h"

/* Of documents whose names are data: no member has this name. */
#define DOCUMENT_COLUMN "$document"

typedef struct Column
{
	char *name;
	char *pg_type; /* NULL: text */
	PathForm form;
} Column;

/* Each name stands once. */
typedef struct Columns
{
	Column *items;
	int count;
	int *buckets; /* numbers of columns, from 1 */
	size_t bucket_count;
} Columns;

/* Returns the number of the column of that name, or -1. */
extern int columns_find(const Columns *columns, const char *name);

/* Adds one, unless there is one of that name. Returns its number. pg_type NULL: text. */
extern int columns_add(Columns *columns, const char *name, const char *pg_type);

extern void columns_free(Columns *columns);

/* A document's values. They stay until the next document is taken. */
typedef struct Row
{
	const Columns *columns;
	JudgedValue *values; /* by the numbers of the columns */
	size_t *starts;      /* in the texts */
	WireBuffer texts;
} Row;

extern void row_begin(Row *row, const Columns *columns);

/* Returns false if the bytes are no document. */
extern bool row_take(Row *row, const bson_t *document);
extern void row_end(Row *row);

#endif
