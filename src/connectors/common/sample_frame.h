/*
 * sample_frame.h — writes the frame `sample` of one relation: categories of columns, then rows. Masks values
 * that look private, cuts or drops values that are longer than the request allows, and drops values that
 * would make the frame too large.
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
	char **values; /* of the present column */
	int value_count;
	bool values_are_too_many; /* or too long */
	bool in_examples;
} SampleFrame;

/* Is every value of a column of that name masked? Then the connector need not read it. */
extern bool sample_frame_hides(const SampleRequest *request, const char *column);

/* relation: its position in the request. */
extern void sample_frame_begin(SampleFrame *frame, const SampleRequest *request, int relation);

/*
 * The caller adds every distinct value of a column, then the column's name. Values of an enumerated type are
 * part of the schema, not of the data: they are not masked, and keep their order.
 */
extern void sample_frame_add_value(SampleFrame *frame, const char *bytes, size_t length);
extern void sample_frame_end_values(SampleFrame *frame, const char *column, bool are_of_type);

/* Rows come after all categories. A value may be NULL; values of hidden columns are ignored. */
extern void sample_frame_begin_row(SampleFrame *frame);
extern void sample_frame_add_cell(SampleFrame *frame, const char *column, const char *value);
extern void sample_frame_end_row(SampleFrame *frame);

extern void sample_frame_end(SampleFrame *frame);

#endif
