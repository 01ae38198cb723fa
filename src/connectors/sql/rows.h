/*
 * rows.h — the answer of a catalog statement, held in memory: rows of texts, the first of which is the name
 * of the relation that the row is about. Rows of one relation stand together, in the order of the names'
 * bytes.
 */
#ifndef RG_SQL_ROWS_H
#define RG_SQL_ROWS_H

#include "connectors/sql/arena.h"

/* All zero but the number of columns is an answer without rows. */
typedef struct SqlRows
{
	int columns;
	size_t count;
	size_t capacity;
	const char ***items;
	SqlArena arena;
} SqlRows;

/* The rows of one relation. */
typedef struct SqlGroup
{
	const char ***items;
	size_t count;
} SqlGroup;

/* Copies the texts of a row; any of them but the first may be NULL. */
extern void sql_rows_add(SqlRows *rows, const char *const *values);
/* Orders rows that came in another order: by the relation's name, then by the second text. */
extern void sql_rows_sort(SqlRows *rows);

extern SqlGroup sql_rows_of(const SqlRows *rows, const char *relation);
extern SqlGroup sql_rows_all(const SqlRows *rows);
/* Returns the number of rows, from the first on, with the same text in this column. */
extern size_t sql_rows_same(SqlGroup rows, size_t first, int column);
extern void sql_rows_free(SqlRows *rows);

#endif
