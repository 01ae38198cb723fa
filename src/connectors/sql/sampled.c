/*
 * sampled.c — collects the values of columns. They count as categories only if all of them were read.
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/sql/sampled.h"

bool
sql_sampled_shows(const SqlSampledColumn *column)
{
	return !column->is_hidden && !column->is_bytes;
}

int
sql_sampled_count_open(const SqlSampled *sampled)
{
	int count = 0;

	for (int i = 0; i < sampled->column_count; i++)
		count += sampled->columns[i].values.are_open;
	return count;
}

void
sql_sampled_restart(SqlSampledColumn *column)
{
	SqlValues *values = &column->values;

	for (int i = 0; i < values->count; i++)
		free(values->items[i]);
	free(values->items);
	values->items = NULL;
	values->count = 0;
}

static void
close_values(SqlSampledColumn *column)
{
	sql_sampled_restart(column);
	column->values.are_open = false;
}

static int
characters(const char *text)
{
	int count = 0;

	for (; *text; text++)
		count += (*text & 0xC0) != 0x80;
	return count;
}

void
sql_sampled_add_value(const SqlSampled *sampled, SqlSampledColumn *column, const char *value)
{
	const SampleRequest *request = sampled->request;
	SqlValues *values = &column->values;

	for (int i = 0; i < values->count; i++)
		if (strcmp(values->items[i], value) == 0)
			return;
	if (values->count == request->categories || characters(value) > request->category_length)
	{
		close_values(column);
		return;
	}
	if (values->items == NULL)
		values->items = allocate((size_t) request->categories * sizeof(char *));
	values->items[values->count++] = copy_text(value);
}

void
sql_sampled_close(SqlSampled *sampled)
{
	for (int i = 0; i < sampled->column_count; i++)
		close_values(&sampled->columns[i]);
}

/* The values of an enumerated type are those of the column, whether they are stored or not. */
static void
add_categories(const SqlSampled *sampled, SampleFrame *frame, const SqlSampledColumn *column)
{
	const SqlNames *enumerated = &column->enumerated;
	bool is_enumerated = enumerated->count > 0;
	int count = is_enumerated ? enumerated->count : column->values.count;

	if (sampled->request->categories == 0 || count > sampled->request->categories ||
		(!is_enumerated && !column->values.are_open))
		return;
	for (int i = 0; i < count; i++)
	{
		const char *value = is_enumerated ? enumerated->items[i] : column->values.items[i];

		sample_frame_add_value(frame, value, strlen(value));
	}
	sample_frame_end_values(frame, column->name, is_enumerated);
}

/* Adds a row. The query left out hidden columns and columns of bytes. */
static void
add_row(const SqlSampled *sampled, SampleFrame *frame, const char *const *row)
{
	int cell = 1;

	sample_frame_begin_row(frame);
	for (int i = 0; i < sampled->column_count; i++)
	{
		const SqlSampledColumn *column = &sampled->columns[i];

		if (sql_sampled_shows(column))
			sample_frame_add_cell(frame, column->name, row[cell++]);
		else if (!column->is_bytes)
			sample_frame_add_cell(frame, column->name, NULL);
	}
	sample_frame_end_row(frame);
}

void
sql_sampled_emit(const SqlSampled *sampled, int number)
{
	SampleFrame frame;

	sample_frame_begin(&frame, sampled->request, number);
	for (int i = 0; i < sampled->column_count; i++)
		add_categories(sampled, &frame, &sampled->columns[i]);
	for (size_t i = 0; i < sampled->rows.count; i++)
		add_row(sampled, &frame, sampled->rows.items[i]);
	sample_frame_end(&frame);
}

void
sql_sampled_forget(SqlSampled *sampled)
{
	for (int i = 0; i < sampled->column_count; i++)
		sql_sampled_restart(&sampled->columns[i]);
	sql_rows_free(&sampled->rows);
}
