/*
 * frame.c — a frame is a header of 9 bytes (version, flags, stream, opcode, length) and its body.
 */
#include "connectors/cassandra/frame.h"

#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define VERSION          4
#define IS_ANSWER        0x80
#define HEADER_BYTES     9
#define LONGEST_OF_CQL   (256 * 1024 * 1024)
#define FLAG_COMPRESSED  0x01
#define FLAG_TRACING     0x02
#define FLAG_PAYLOAD     0x04
#define FLAG_WARNING     0x08
#define TRACING_ID_BYTES 16

/* ---- writing ---- */

void
put_byte(WireBuffer *body, unsigned number)
{
	char byte = (char) number;

	wire_append(body, &byte, 1);
}

void
put_short(WireBuffer *body, unsigned number)
{
	put_byte(body, number >> 8);
	put_byte(body, number);
}

void
put_int(WireBuffer *body, int32_t number)
{
	put_short(body, (uint32_t) number >> 16);
	put_short(body, (uint32_t) number & 0xffff);
}

void
put_long(WireBuffer *body, int64_t number)
{
	put_int(body, (int32_t) (uint32_t) ((uint64_t) number >> 32));
	put_int(body, (int32_t) (uint32_t) (uint64_t) number);
}

void
put_string(WireBuffer *body, const char *text)
{
	put_short(body, (unsigned) strlen(text));
	wire_append_text(body, text);
}

void
put_long_string(WireBuffer *body, const char *text, size_t length)
{
	put_int(body, (int32_t) length);
	wire_append(body, text, length);
}

bool
frame_send(TcpConnection *connection, Opcode opcode, const WireBuffer *body)
{
	WireBuffer frame = {0};
	bool fine;

	put_byte(&frame, VERSION);
	put_byte(&frame, 0);
	put_short(&frame, 0);
	put_byte(&frame, opcode);
	put_int(&frame, (int32_t) body->length);
	wire_append(&frame, body->data, body->length);
	if (frame.failed || body->failed)
		give_up_out_of_memory();
	fine = tcp_write(connection, frame.data, frame.length);
	wire_free(&frame); /* it may hold a password */
	return fine;
}

/* ---- reading ---- */

/* Passes on the next bytes, as many as there are of those that are wanted. */
static bool
next_bytes(FrameReader *reader, size_t most, const unsigned char **bytes, size_t *length)
{
	if (reader->start == reader->end)
	{
		reader->start = 0;
		reader->end = tcp_read(reader->connection, reader->piece, sizeof(reader->piece));
		if (reader->end == 0)
			return false;
	}
	*bytes = reader->piece + reader->start;
	*length = reader->end - reader->start < most ? reader->end - reader->start : most;
	reader->start += *length;
	return true;
}

/* Appends so many bytes to the frame, or passes them over. */
static bool
read_bytes(FrameReader *reader, size_t length, bool keeps)
{
	while (length > 0)
	{
		const unsigned char *bytes;
		size_t some;

		if (!next_bytes(reader, length, &bytes, &some))
			return false;
		if (keeps)
			wire_append(&reader->frame, (const char *) bytes, some);
		length -= some;
	}
	if (reader->frame.failed)
		give_up_out_of_memory();
	return true;
}

static void
pass_over_strings(Body *body)
{
	for (unsigned count = body_short(body); count > 0 && !body->is_broken; count--)
		(void) body_string(body);
}

static void
pass_over_payload(Body *body)
{
	for (unsigned count = body_short(body); count > 0 && !body->is_broken; count--)
	{
		(void) body_string(body);
		(void) body_value(body);
	}
}

/* In this order they stand before what the frame says. */
static void
pass_over_additions(Body *body, unsigned flags)
{
	if (flags & FLAG_TRACING)
		(void) body_take(body, TRACING_ID_BYTES);
	if (flags & FLAG_WARNING)
		pass_over_strings(body);
	if (flags & FLAG_PAYLOAD)
		pass_over_payload(body);
}

/* A server that does not know version 4 says so in a version that it knows. */
static FrameState
judge_version(unsigned version, Opcode opcode)
{
	if (version == (IS_ANSWER | VERSION))
		return FRAME_FINE;
	return opcode == OPCODE_ERROR && (version & IS_ANSWER) != 0 && (version & 0x7f) <= 6 ? FRAME_OTHER_VERSION
																						 : FRAME_NOT_CQL;
}

static FrameState
read_header(FrameReader *reader, unsigned *flags, Opcode *opcode, size_t *length)
{
	FrameState state;
	unsigned version;
	Body header;
	int32_t told;

	reader->frame.length = 0;
	if (!read_bytes(reader, 1, true))
		return FRAME_LOST;
	if ((reader->frame.data[0] & IS_ANSWER) == 0) /* another protocol may say less than a header */
		return FRAME_NOT_CQL;
	if (!read_bytes(reader, HEADER_BYTES - 1, true))
		return FRAME_LOST;
	header = body_of(reader->frame.data, HEADER_BYTES);
	version = body_byte(&header);
	*flags = body_byte(&header);
	(void) body_short(&header);
	*opcode = (Opcode) body_byte(&header);
	told = body_int(&header);
	state = judge_version(version, *opcode);
	if (told < 0 || told > LONGEST_OF_CQL || (*flags & FLAG_COMPRESSED) != 0)
		state = FRAME_NOT_CQL;
	*length = (size_t) told;
	return state;
}

FrameState
frame_receive(FrameReader *reader, Opcode *opcode, Body *body)
{
	unsigned flags;
	size_t length;
	FrameState state = read_header(reader, &flags, opcode, &length);

	if (state != FRAME_FINE)
		return state;
	reader->frame.length = 0;
	if (!read_bytes(reader, length, length <= MOST_FRAME_BYTES))
		return FRAME_LOST;
	if (length > MOST_FRAME_BYTES)
		return FRAME_TOO_LONG;
	*body = body_of(reader->frame.data, reader->frame.length);
	pass_over_additions(body, flags);
	return body->is_broken ? FRAME_NOT_CQL : FRAME_FINE;
}

void
frame_reader_free(FrameReader *reader)
{
	wire_free(&reader->frame);
}
