/*
 * few_values.c — collects the values of a column. They count as categories only if all of them were read.
 */
#include "connectors/common/few_values.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

void
few_values_restart(FewValues *values)
{
	for (int i = 0; i < values->count; i++)
		free(values->items[i]);
	free(values->items);
	values->items = NULL;
	values->count = 0;
}

void
few_values_close(FewValues *values)
{
	few_values_restart(values);
	values->are_open = false;
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
few_values_add(FewValues *values, const SampleRequest *request, const char *value)
{
	for (int i = 0; i < values->count; i++)
		if (strcmp(values->items[i], value) == 0)
			return;
	if (values->count == request->categories || characters(value) > request->category_length)
	{
		few_values_close(values);
		return;
	}
	if (values->items == NULL)
		values->items = allocate((size_t) request->categories * sizeof(char *));
	values->items[values->count++] = copy_text(value);
}

void
few_values_write(const FewValues *values, SampleFrame *frame, const char *column)
{
	for (int i = 0; i < values->count; i++)
		sample_frame_add_value(frame, values->items[i], strlen(values->items[i]));
	sample_frame_end_values(frame, column, false);
}
