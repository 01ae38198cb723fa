/*
 * rows.c — keeps rows, and finds those of a relation.
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/sql/rows.h"

void
sql_rows_add(SqlRows *rows, const char *const *values)
{
	const char **row = sql_arena_allocate(&rows->arena, (size_t) rows->columns * sizeof(char *));

	for (int i = 0; i < rows->columns; i++)
		row[i] = sql_arena_text(&rows->arena, values[i]);
	if (rows->count == rows->capacity)
	{
		rows->capacity = rows->capacity == 0 ? 64 : rows->capacity * 2;
		rows->items = reallocate(rows->items, rows->capacity * sizeof(char **));
	}
	rows->items[rows->count++] = row;
}

static int
compare(const void *one, const void *other)
{
	const char *const *first = *(const char *const *const *) one;
	const char *const *second = *(const char *const *const *) other;
	int order = strcmp(first[0], second[0]);

	return order != 0 ? order : strcmp(first[1], second[1]);
}

void
sql_rows_sort(SqlRows *rows)
{
	if (rows->count > 1)
		qsort(rows->items, rows->count, sizeof(rows->items[0]), compare);
}

/* Returns the first row whose relation's name is not below this one, or, if `after`, above it. */
static size_t
bound(const SqlRows *rows, const char *relation, int after)
{
	size_t low = 0;
	size_t high = rows->count;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (strcmp(rows->items[middle][0], relation) < after)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

SqlGroup
sql_rows_of(const SqlRows *rows, const char *relation)
{
	size_t first = bound(rows, relation, 0);

	if (rows->count == 0)
		return (SqlGroup){0}; /* there is no array to point into */
	return (SqlGroup){.items = rows->items + first, .count = bound(rows, relation, 1) - first};
}

SqlGroup
sql_rows_all(const SqlRows *rows)
{
	return (SqlGroup){.items = rows->items, .count = rows->count};
}

/* A row without a text there stands alone. */
size_t
sql_rows_same(SqlGroup rows, size_t first, int column)
{
	const char *text = rows.items[first][column];
	size_t count = 1;

	while (text != NULL && first + count < rows.count && rows.items[first + count][column] != NULL &&
		   strcmp(rows.items[first + count][column], text) == 0)
		count++;
	return count;
}

void
sql_rows_free(SqlRows *rows)
{
	sql_arena_free(&rows->arena);
	free(rows->items);
	*rows = (SqlRows){.columns = rows->columns};
}
