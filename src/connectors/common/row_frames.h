/*
 * row_frames.h — sends rows in frames: the first ones early, later ones in large pieces. A frame has whole
 * rows.
 */
#ifndef RG_CONNECTOR_ROW_FRAMES_H
#define RG_CONNECTOR_ROW_FRAMES_H

#include "connectors/common/rows.h"

typedef struct RowFrames
{
	Rows rows;         /* those that are not yet sent */
	size_t row_start;  /* where the last row begins, or the next one */
	size_t size;       /* a frame is sent when it has so many bytes */
	int64_t row_bytes; /* a longer row ends the process with the code too_large */
} RowFrames;

extern void row_frames_begin(RowFrames *frames, int64_t row_bytes);

/* Adds a row that is COPY text already, with its newline. */
extern void row_frames_add(RowFrames *frames, const char *row, size_t length);

/* Adds the value that the text has to the present row; or null, if is_value is false. */
extern void row_frames_value(RowFrames *frames, const WireBuffer *text, bool is_value);

/* Ends a row whose values went to frames->rows. */
extern void row_frames_end_row(RowFrames *frames);

/* Sends rows without columns. */
extern void row_frames_count(int64_t rows);

/* How many milliseconds the source may be silent until row_frames_flush() is due; -1: no row waits. */
extern int row_frames_patience(const RowFrames *frames);
extern void row_frames_flush(RowFrames *frames);

/*
 * Makes the last frame, and releases the memory. The frame goes out with the end of the answer: a caller that
 * wants no more rows then finds a connector that has ended its work, and can be asked again.
 */
extern void row_frames_end(RowFrames *frames);

extern void give_up_long_row(int64_t row_bytes) __attribute__((noreturn));

#endif
