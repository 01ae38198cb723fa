#include "connectors/files/row_texts.h"

#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

void
row_texts_begin(RowTexts *row, int most)
{
	size_t size = (size_t) most + 1;

	*row = (RowTexts){
		.most = most, .ends = allocate(size * sizeof(size_t)), .are_null = allocate(size * sizeof(bool))};
}

void
row_texts_restart(RowTexts *row)
{
	wire_reset(&row->texts);
	row->count = 0;
}

void
row_texts_add(RowTexts *row, bool is_value)
{
	if (row->count == row->most)
		return;
	row->are_null[row->count] = !is_value;
	row->ends[row->count++] = row->texts.length;
}

void
row_texts_give(RowTexts *row, FileValue *values)
{
	size_t start = 0;

	if (row->texts.failed)
		give_up_out_of_memory();
	for (int i = 0; i < row->count; i++)
	{
		size_t length = row->ends[i] - start;

		values[i] = (FileValue){.bytes = row->are_null[i] ? NULL
										 : length > 0     ? row->texts.data + start
														  : "",
								.length = length};
		start = row->ends[i];
	}
}

void
row_texts_end(RowTexts *row)
{
	wire_free(&row->texts);
	free(row->ends);
	free(row->are_null);
}
