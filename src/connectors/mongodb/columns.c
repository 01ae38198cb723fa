#include "connectors/mongodb/columns.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/memory.h"
#include "connectors/mongodb/value.h"

/* ---- columns ---- */

static size_t
place_of(const Columns *columns, const char *name)
{
	size_t place = (size_t) hash_text(name) & (columns->bucket_count - 1);

	while (columns->buckets[place] != 0 &&
		   strcmp(columns->items[columns->buckets[place] - 1].name, name) != 0)
		place = (place + 1) & (columns->bucket_count - 1);
	return place;
}

int
columns_find(const Columns *columns, const char *name)
{
	return columns->count == 0 ? -1 : columns->buckets[place_of(columns, name)] - 1;
}

static void
grow(Columns *columns)
{
	columns->bucket_count = columns->bucket_count ? 2 * columns->bucket_count : 16;
	columns->buckets = reallocate(columns->buckets, columns->bucket_count * sizeof(int));
	memset(columns->buckets, 0, columns->bucket_count * sizeof(int));
	columns->items = reallocate(columns->items, columns->bucket_count / 2 * sizeof(Column));
	for (int i = 0; i < columns->count; i++)
		columns->buckets[place_of(columns, columns->items[i].name)] = i + 1;
}

int
columns_add(Columns *columns, const char *name, const char *pg_type)
{
	int number = columns_find(columns, name);

	if (number >= 0)
		return number;
	if ((size_t) columns->count == columns->bucket_count / 2)
		grow(columns);
	number = columns->count++;
	columns->items[number] = (Column){
		.name = copy_text(name), .pg_type = pg_type ? copy_text(pg_type) : NULL, .form = value_form(pg_type)};
	columns->buckets[place_of(columns, name)] = number + 1;
	return number;
}

void
columns_free(Columns *columns)
{
	for (int i = 0; i < columns->count; i++)
	{
		free(columns->items[i].name);
		free(columns->items[i].pg_type);
	}
	free(columns->items);
	free(columns->buckets);
	*columns = (Columns){.items = NULL};
}

/* ---- a document ---- */

void
row_begin(Row *row, const Columns *columns)
{
	size_t count = (size_t) columns->count + 1;

	*row = (Row){.columns = columns};
	row->values = allocate(count * sizeof(JudgedValue));
	row->starts = allocate(count * sizeof(size_t));
}

/* A value that is not null has at least this start, also if its text is empty. */
#define NO_VALUE SIZE_MAX

static bool
take_value(Row *row, int number, const bson_iter_t *value)
{
	bool is_broken = false;

	row->starts[number] = row->texts.length;
	if (!value_write(&row->texts, value, row->columns->items[number].form, &is_broken))
		row->starts[number] = NO_VALUE;
	row->values[number].length = row->texts.length - row->starts[number];
	return !is_broken;
}

static bool
take_members(Row *row, const bson_t *document)
{
	bson_iter_t members;
	bool is_whole = bson_iter_init(&members, document);

	while (is_whole && bson_iter_next(&members))
	{
		int number = columns_find(row->columns, bson_iter_key(&members));

		/* Of two of a name the first one counts, as it does for the source. */
		if (number >= 0 && row->values[number].bytes == NULL)
		{
			row->values[number].bytes = ""; /* was seen */
			is_whole = take_value(row, number, &members);
		}
	}
	return is_whole && members.err_off == 0;
}

static bool
take_document(Row *row, const bson_t *document)
{
	int number = columns_find(row->columns, DOCUMENT_COLUMN);

	if (number < 0 || row->values[number].bytes != NULL)
		return true;
	row->values[number].bytes = "";
	row->starts[number] = row->texts.length;
	if (!value_write_document(&row->texts, document))
		return false;
	row->values[number].length = row->texts.length - row->starts[number];
	return true;
}

bool
row_take(Row *row, const bson_t *document)
{
	wire_reset(&row->texts);
	for (int i = 0; i < row->columns->count; i++)
		row->values[i] = (JudgedValue){.bytes = NULL};
	if (!take_members(row, document) || !take_document(row, document))
		return false;
	if (row->texts.failed)
		give_up_out_of_memory();
	for (int i = 0; i < row->columns->count; i++)
		if (row->values[i].bytes != NULL)
			row->values[i].bytes = row->starts[i] == NO_VALUE ? NULL
								   : row->texts.data          ? row->texts.data + row->starts[i]
															  : "";
	return true;
}

void
row_end(Row *row)
{
	free(row->values);
	free(row->starts);
	wire_free(&row->texts);
}
