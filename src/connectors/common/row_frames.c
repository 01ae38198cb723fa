/*
 * row_frames.c — the sizes of frames. The caller sees the first rows of a slow source at once, and takes
 * those of a fast one in pieces that cost little.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/row_frames.h"

#define FIRST_SIZE 4096

void
row_frames_begin(RowFrames *frames, int64_t row_bytes)
{
	*frames = (RowFrames){.size = FIRST_SIZE, .row_bytes = row_bytes};
}

void
give_up_long_row(int64_t row_bytes)
{
	char detail[80];

	snprintf(detail, sizeof(detail), "The limit is %" PRId64 " bytes.", row_bytes);
	give_up(&(Failure){.step = "query",
					   .code = "too_large",
					   .message = "A row of the source is longer than the server accepts.",
					   .detail = detail,
					   .hint = "Leave out columns with long values. rivergen.max_row_size sets the limit."});
}

/* Makes a frame of the first `length` bytes, which are `count` rows, and keeps what stands behind them. */
static void
make_frame(RowFrames *frames, size_t length, int64_t count)
{
	Rows *rows = &frames->rows;

	emit_rows(count, rows->text.data, length);
	memmove(rows->text.data, rows->text.data + length, rows->text.length - length);
	rows->text.length -= length;
	rows->count -= count;
	frames->row_start = 0;
	if (frames->size < WIRE_ROWS_BYTES)
		frames->size *= 2;
}

static void
send(RowFrames *frames, size_t length, int64_t count)
{
	make_frame(frames, length, count);
	emit_flush();
}

void
row_frames_value(RowFrames *frames, const WireBuffer *text, bool is_value)
{
	if (text->failed)
		give_up_out_of_memory();
	if (is_value)
		rows_value(&frames->rows, text->length > 0 ? text->data : "", text->length);
	else
		rows_null(&frames->rows);
}

void
row_frames_end_row(RowFrames *frames)
{
	Rows *rows = &frames->rows;

	rows_end_row(rows);
	if (rows->text.failed)
		give_up_out_of_memory();
	if ((int64_t) (rows->text.length - frames->row_start) > frames->row_bytes)
		give_up_long_row(frames->row_bytes);
	if (rows->count > 1 && rows->text.length > frames->size)
		send(frames, frames->row_start, rows->count - 1);
	frames->row_start = rows->text.length;
	if (rows->text.length >= frames->size)
		send(frames, rows->text.length, rows->count);
}

void
row_frames_add(RowFrames *frames, const char *row, size_t length)
{
	wire_append(&frames->rows.text, row, length - 1);
	row_frames_end_row(frames);
}

void
row_frames_count(int64_t rows)
{
	while (rows > 0)
	{
		int64_t some = rows < INT32_MAX ? rows : INT32_MAX;

		emit_rows(some, NULL, 0);
		rows -= some;
	}
}

int
row_frames_patience(const RowFrames *frames)
{
	if (frames->rows.count == 0)
		return -1;
	return frames->size == FIRST_SIZE ? 1 : 10;
}

void
row_frames_flush(RowFrames *frames)
{
	if (frames->rows.count > 0)
		send(frames, frames->rows.text.length, frames->rows.count);
}

void
row_frames_end(RowFrames *frames)
{
	if (frames->rows.count > 0)
		make_frame(frames, frames->rows.text.length, frames->rows.count);
	wire_free(&frames->rows.text);
}
