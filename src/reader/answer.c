/*
 * answer.c — what a connector sends for a stream. It is not trusted: each line is bounded and checked, each
 * frame of rows is bounded and counted, and each message for people is freed of secrets. The bytes of rows
 * are passed on as they are; the backend checks them.
 */
#include "reader/answer.h"

#include "utils/memutils.h"

#include "error.h"
#include "reader/reader.h"
#include "worker/frames.h"
#include "worker/refusal.h"
#include "worker/words.h"

/* The frame `reading` of a query names each column of its result. */
#define LINE_BYTES (1024 * 1024)

#define SERVER_BYTES      200
#define MOST_OTHER_FRAMES 10000

static bool
broke_protocol(RgReading *reading, const char *fault)
{
	reading->feed->is_reused = false;
	(void) rg_frame_breaks_protocol(&reading->failure, fault);
	rg_reads_failed(reading);
	return false;
}

/* -1: it is absent. */
static int64
integer_of(const WireFrame *frame, const char *name)
{
	int64_t value = -1;

	(void) wire_integer(wire_member(&frame->object, name), &value);
	return value;
}

/* ---- frames; each returns whether what follows may be taken ---- */

static bool
take_hello(RgReading *reading, const WireFrame *frame)
{
	RgFeed *feed = reading->feed;

	if (!rg_frame_hello(frame, feed->attempt.connector, &feed->capabilities, &reading->failure))
	{
		rg_reads_failed(reading);
		return false;
	}
	feed->greeted = true;
	feed->name = MemoryContextStrdup(
		feed->memory, rg_frame_words(frame, "connector", feed->attempt.credentials, SERVER_BYTES));
	rg_feed_read_report(feed); /* rivergen-run reports the sandbox before it executes the connector */
	if (rg_confined_enough(&feed->attempt.report, &reading->failure) &&
		rg_capability_offered(feed->capabilities, reading->asked.request.operation, &reading->failure))
		reading->state = RG_READS_GREETED;
	else
		rg_reads_failed(reading);
	return reading->state == RG_READS_GREETED;
}

static bool
take_progress(RgReading *reading, const WireFrame *frame)
{
	const char *phase = rg_frame_text(frame, "phase");
	const char *step = rg_frame_step(phase != NULL ? phase : "");

	if (step != NULL)
		reading->feed->step = step;
	return true;
}

static bool
take_connected(RgReading *reading, const WireFrame *frame)
{
	RgFeed *feed = reading->feed;

	if (reading->state != RG_READS_CONNECTED)
		return broke_protocol(reading, "a second connected was sent");
	feed->attempt.conversation.server = MemoryContextStrdup(
		feed->memory, rg_frame_words(frame, "server", feed->attempt.credentials, SERVER_BYTES));
	rg_reads_set_state(reading, RG_READS_HEAD);
	return true;
}

static bool
take_head(RgReading *reading, const WireFrame *frame, const char *line, size_t length)
{
	StringInfoData body;

	if (reading->state != RG_READS_HEAD)
		return broke_protocol(reading, "the frame reading comes once, after connected");
	initStringInfo(&body);
	appendBinaryStringInfo(&body, reading->feed->name, strlen(reading->feed->name) + 1);
	appendBinaryStringInfo(&body, line, length);
	reading->state = RG_READS_ROWS;
	return rg_reads_send(reading, &(RgStreamMessage){.kind = RG_MESSAGE_HEAD, .masked = reading->masked},
						 body.data, body.len + 1);
}

static bool
exceeds_rows(RgReading *reading)
{
	rg_failed(&reading->failure, "too_large", "the answer has more rows than the data source may be read for",
			  psprintf("max_rows of metadata.query is " INT64_FORMAT ".", reading->max_rows));
	rg_reads_failed(reading);
	return false;
}

static bool
take_rows_head(RgReading *reading, const WireFrame *frame)
{
	WireRowsHead head;

	wire_rows_head_read(frame, &head);
	if (reading->state != RG_READS_ROWS)
		return broke_protocol(reading, "rows were sent before the frame reading");
	if (head.bytes > Max(rg_reader_max_row_bytes(), WIRE_ROWS_BYTES))
		return broke_protocol(reading, "a row is longer than rivergen.max_row_size allows");
	if (reading->max_rows > 0 && !reading->asked.request.takes_a_part &&
		head.rows > reading->max_rows - reading->rows)
		return exceeds_rows(reading);
	reading->frame_rows = head.rows;
	reading->frame_bytes = reading->frame_left = head.bytes;
	reading->frame_begun = false;
	if (head.bytes > 0)
		return true;
	reading->rows += head.rows;
	return rg_reads_send(reading, &(RgStreamMessage){.kind = RG_MESSAGE_ROWS, .rows = head.rows}, NULL, 0);
}

static bool
take_error(RgReading *reading, const WireFrame *frame)
{
	RgFeed *feed = reading->feed;
	int64 position = integer_of(frame, "position");

	(void) rg_frame_error(frame, feed->attempt.credentials, &reading->failure);
	if (reading->state >= RG_READS_HEAD && strcmp(reading->failure.code, "permission") == 0)
	{
		reading->status = RG_FORBIDDEN;
		reading->hint = "The user of the data source's credentials lacks a right at the source.";
	}
	if (position > 0)
		reading->failure.detail = psprintf("%s%sAt character " INT64_FORMAT " of the query.",
										   reading->failure.detail != NULL ? reading->failure.detail : "",
										   reading->failure.detail != NULL ? " " : "", position);
	rg_reads_failed(reading);
	return false;
}

static bool
take_end(RgReading *reading, const WireFrame *frame)
{
	if (reading->state != RG_READS_ROWS)
		return broke_protocol(reading, "the end came before the frame reading");
	if (integer_of(frame, "rows") != reading->rows)
		return broke_protocol(reading, "the frame end has another number of rows than were sent");
	if (reading->feed->start != reading->feed->end)
		return broke_protocol(reading, "something was sent after the end");
	(void) wire_boolean(wire_member(&frame->object, "truncated"), &reading->truncated);
	rg_reads_complete(reading);
	return false;
}

static bool
take_frame(RgReading *reading, const WireFrame *frame, const char *line, size_t length)
{
	RgFeed *feed = reading->feed;

	if (reading->state == RG_READS_GREETED)
		return broke_protocol(reading, "it answered before it was asked");
	if ((reading->state == RG_READS_HELLO) != (frame->kind == WIRE_HELLO))
		return broke_protocol(reading,
							  feed->greeted ? "a second hello was sent" : "the first frame is not hello");
	switch (frame->kind)
	{
		case WIRE_HELLO:
			return take_hello(reading, frame);
		case WIRE_LOG:
			rg_frame_log(frame, feed->attempt.credentials, &feed->log_frames);
			return true;
		case WIRE_PROGRESS:
			return take_progress(reading, frame);
		case WIRE_CONNECTED:
			return take_connected(reading, frame);
		case WIRE_READING:
			return take_head(reading, frame, line, length);
		case WIRE_ROWS:
			return take_rows_head(reading, frame);
		case WIRE_ERROR:
			return take_error(reading, frame);
		case WIRE_END:
			return take_end(reading, frame);
		default:
			return broke_protocol(reading, "a frame of another operation was sent");
	}
}

/* ---- lines and bytes ---- */

/* Returns whether a line was there and what follows may be taken. */
static bool
take_line(RgReading *reading)
{
	RgFeed *feed = reading->feed;
	const char *line = feed->buffer + feed->start;
	const char *newline = memchr(line, '\n', feed->end - feed->start);
	size_t length = newline != NULL ? (size_t) (newline - line) : feed->end - feed->start;
	WireFrame frame;
	const char *fault;

	if (length > LINE_BYTES)
		return broke_protocol(reading, "a line is longer than 1 MB");
	if (newline == NULL)
		return false;
	feed->start += length + 1;
	fault = wire_frame_scan(line, length, &frame);
	if (fault == NULL && (frame.kind == WIRE_LOG || frame.kind == WIRE_PROGRESS) &&
		++feed->other_frames > MOST_OTHER_FRAMES)
		fault = "too many frames without rows were sent";
	if (fault != NULL)
		return broke_protocol(reading, fault);
	return take_frame(reading, &frame, line, length);
}

/* The same for bytes of a frame of rows. A long frame is passed on in pieces, so it is never held whole here.
 */
static bool
take_bytes(RgReading *reading)
{
	RgFeed *feed = reading->feed;
	const char *bytes = feed->buffer + feed->start;
	size_t length = Min(feed->end - feed->start, reading->frame_left);
	RgStreamMessage head = {.kind = reading->frame_begun ? RG_MESSAGE_MORE : RG_MESSAGE_ROWS,
							.rows = reading->frame_rows,
							.length = reading->frame_bytes};

	if (length == 0 || (length < reading->frame_left && reading->frame_bytes <= WIRE_ROWS_BYTES))
		return false;
	feed->start += length;
	reading->frame_left -= length;
	reading->frame_begun = true;
	reading->bytes += length;
	if (reading->frame_left == 0 && bytes[length - 1] != '\n')
		return broke_protocol(reading, "a frame of rows does not end with a newline");
	if (reading->frame_left == 0)
		reading->rows += reading->frame_rows;
	return rg_reads_send(reading, &head, bytes, length);
}

void
rg_reads_take_answer(RgReading *reading)
{
	bool going_on = true;

	while (going_on && reading->feed != NULL && reading->state < RG_READS_LAST)
		going_on = reading->frame_left > 0 ? take_bytes(reading) : take_line(reading);
}
