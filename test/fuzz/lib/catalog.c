/* catalog.c — answers of catalog statements, made of bytes. */
#include "catalog.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST_COLUMNS 32

static char *
cell(FuzzRest *rest)
{
	char *line = fuzz_line(rest);

	if (line[0] != '\1')
		return line;
	free(line);
	return NULL;
}

static void
add_row(SqlRows *rows, FuzzRest *rest)
{
	const char *cells[MOST_COLUMNS] = {"r"};

	for (int i = 1; i < rows->columns; i++)
		cells[i] = cell(rest);
	sql_rows_add(rows, cells);
	for (int i = 1; i < rows->columns; i++)
		free((char *) cells[i]);
}

SqlRows
fuzz_rows(FuzzRest *rest, int columns, int most)
{
	SqlRows rows = {.columns = columns};

	for (int count = fuzz_byte(rest) % (most + 1); count > 0 && rest->length > 0; count--)
		add_row(&rows, rest);
	return rows;
}

SqlRows
fuzz_columns(FuzzRest *rest, int columns, int most, int name)
{
	SqlRows rows = fuzz_rows(rest, columns, most);

	for (size_t i = 0; i < rows.count; i++)
		if (rows.items[i][name] == NULL)
			rows.items[i][name] = "";
	return rows;
}

/* So that the sanitizers see it. */
static void
read_text(const char *text)
{
	fuzz_must(text == NULL || strlen(text) < SIZE_MAX, "a text ends");
}

static void
check_names(const SqlNames *names)
{
	for (int i = 0; i < names->count; i++)
	{
		fuzz_must(names->items[i] != NULL, "a name in a list is there");
		read_text(names->items[i]);
	}
}

static void
check_column(const SqlColumn *column)
{
	fuzz_must(column->type != NULL, "a column has a type");
	read_text(column->name);
	read_text(column->type);
	read_text(column->pg_type);
	read_text(column->default_text);
	read_text(column->expression);
	read_text(column->collation);
	read_text(column->comment);
	check_names(&column->values);
}

static void
check_keys(const SqlKey *keys, int count)
{
	for (int i = 0; i < count; i++)
	{
		read_text(keys[i].name);
		check_names(&keys[i].columns);
		check_names(&keys[i].referenced);
		fuzz_must(keys[i].columns.count > 0, "a key has columns");
	}
}

void
fuzz_check_relation(const SqlRelation *relation)
{
	for (int i = 0; i < relation->column_count; i++)
		check_column(&relation->columns[i]);
	if (relation->primary_key != NULL)
		check_keys(relation->primary_key, 1);
	check_keys(relation->uniques, relation->unique_count);
	check_keys(relation->foreign_keys, relation->foreign_key_count);
	for (int i = 0; i < relation->check_count; i++)
		read_text(relation->checks[i].definition);
	for (int i = 0; i < relation->index_count; i++)
	{
		check_names(&relation->indexes[i].columns);
		check_names(&relation->indexes[i].include);
		read_text(relation->indexes[i].predicate);
	}
	for (int i = 0; i < relation->option_count; i++)
		read_text(relation->options[i].value);
	check_names(&relation->unreadable);
	read_text(relation->definition);
	read_text(relation->partition_key);
}
