/*
 * column_document.h — columns as members of a document, or by their names. Each of the functions is the last
 * that is called for its columns.
 */
#ifndef RG_REDIS_COLUMN_DOCUMENT_H
#define RG_REDIS_COLUMN_DOCUMENT_H

#include "connectors/redis/columns.h"

/* Writes the members `columns` and `primary_key`. Returns the number of columns. */
extern int columns_write(Columns *columns, WireBuffer *out);

/* may_have_categories: they are neither keys, numbers, JSON nor bytes. */
extern void
columns_each(Columns *columns, void (*take)(void *context, const char *name, bool may_have_categories),
			 void *context);

#endif
