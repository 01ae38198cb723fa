/*
 * sampled.c — collects the values of columns. They count as categories only if all of them were read.
 */
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
sql_sampled_close(SqlSampled *sampled)
{
	for (int i = 0; i < sampled->column_count; i++)
		few_values_close(&sampled->columns[i].values);
}

/* The values of an enumerated type are those of the column, whether they are stored or not. */
static void
add_categories(const SqlSampled *sampled, SampleFrame *frame, const SqlSampledColumn *column)
{
	const SqlNames *enumerated = &column->enumerated;
	bool is_enumerated = enumerated->count > 0;
	int count = is_enumerated ? enumerated->count : column->values.count;

	if (sampled->request->categories == 0 || count > sampled->request->categories)
		return;
	if (!is_enumerated)
	{
		if (column->values.are_open)
			few_values_write(&column->values, frame, column->name);
		return;
	}
	for (int i = 0; i < count; i++)
		sample_frame_add_value(frame, enumerated->items[i], strlen(enumerated->items[i]));
	sample_frame_end_values(frame, column->name, true);
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
		few_values_close(&sampled->columns[i].values);
	sql_rows_free(&sampled->rows);
}
