/*
 * sample_frame.h — what was found in one relation, as the frame `sample` says it: categories of columns, then
 * rows. What looks private is masked, what is longer than the request allows is cut or left out, and so is
 * what would make the frame too large.
 */
#ifndef RG_CONNECTOR_SAMPLE_FRAME_H
#define RG_CONNECTOR_SAMPLE_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "connectors/common/request.h"
#include "wire/wire.h"

typedef struct SampleFrame
{
	const SampleRequest *request;
	WireBuffer *out;
	size_t part;   /* where the categories or the examples begin */
	char **values; /* of the column at hand */
	int value_count;
	bool values_are_too_many; /* or too long */
	bool in_examples;
} SampleFrame;

/* Is every value of a column of that name masked? Then it need not even be read. */
extern bool sample_frame_hides(const SampleRequest *request, const char *column);

/* relation: its position in the request. */
extern void sample_frame_begin(SampleFrame *frame, const SampleRequest *request, int relation);

/*
 * Each value of a column once, all of them, and then the column's name. Values that the column's type
 * enumerates tell nothing of the data: they are not masked, and keep their order.
 */
extern void sample_frame_add_value(SampleFrame *frame, const char *bytes, size_t length);
extern void sample_frame_end_values(SampleFrame *frame, const char *column, bool are_of_type);

/* Rows come after all categories; a value may be NULL, and is not looked at where the column is hidden. */
extern void sample_frame_begin_row(SampleFrame *frame);
extern void sample_frame_add_cell(SampleFrame *frame, const char *column, const char *value);
extern void sample_frame_end_row(SampleFrame *frame);

extern void sample_frame_end(SampleFrame *frame);

#endif
