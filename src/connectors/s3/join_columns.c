#include "connectors/s3/join_columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

/* Numbers, from the narrowest to the one that holds all the others. */
static const char *const numbers[] = {"smallint", "integer", "bigint", "real", "double precision", "numeric"};
#define NUMBERS (int) (sizeof(numbers) / sizeof(numbers[0]))
#define REAL    3

int
find_file_column(const FileRelation *relation, const char *name)
{
	for (int i = 0; i < relation->column_count; i++)
		if (strcmp(relation->columns[i].name, name) == 0)
			return i;
	return -1;
}

static int
width_of(const char *pg_type)
{
	for (int i = 0; pg_type != NULL && i < NUMBERS; i++)
		if (strcmp(numbers[i], pg_type) == 0)
			return i;
	return -1;
}

static bool
is_same_text(const char *one, const char *other)
{
	return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

/* `a | b`, in the order of the alphabet. */
static const char *
both_types(const char *one, const char *other)
{
	const char *first = strcmp(one, other) < 0 ? one : other;
	const char *second = first == one ? other : one;
	char *both = allocate(strlen(one) + strlen(other) + 4);

	sprintf(both, "%s | %s", first, second);
	return both;
}

/* Returns whether the types go together: are the same, or both numbers. */
static bool
join_types(FileColumn *column, const FileColumn *other)
{
	int width = width_of(column->pg_type);
	int other_width = width_of(other->pg_type);

	if (strcmp(column->type, other->type) == 0 && is_same_text(column->pg_type, other->pg_type))
		return true;
	if (width >= 0 && other_width >= 0 && (width < REAL) == (other_width < REAL))
	{
		if (other_width > width)
		{
			column->type = other->type;
			column->pg_type = other->pg_type;
		}
		return true;
	}
	column->type = both_types(column->type, other->type);
	column->pg_type = width >= 0 && other_width >= 0 ? numbers[NUMBERS - 1] : NULL;
	column->may_have_categories &= other->may_have_categories;
	return width >= 0 && other_width >= 0;
}

static void
copy_column(FileRelation *relation, const FileColumn *other)
{
	FileColumn *column = relation_add_column(relation);

	*column = *other;
	column->name = copy_text(other->name);
	column->more = other->more ? copy_text(other->more) : NULL;
	column->not_null = false;
}

/* Members below a column are told only if they are the same everywhere. */
static void
join_column(FileColumn *column, const FileColumn *other, bool *is_alike)
{
	*is_alike &= join_types(column, other);
	column->not_null &= other->not_null;
	if (is_same_text(column->more, other->more))
		return;
	free(column->more);
	column->more = NULL;
}

bool
join_columns(FileRelation *relation, const FileRelation *other)
{
	bool is_first = relation->column_count == 0;
	bool is_alike = is_first || relation->column_count == other->column_count;

	for (int i = 0; i < other->column_count; i++)
	{
		int place = find_file_column(relation, other->columns[i].name);

		is_alike &= is_first || place == i;
		if (place >= 0)
			join_column(&relation->columns[place], &other->columns[i], &is_alike);
		else
			copy_column(relation, &other->columns[i]);
	}
	return is_alike;
}
