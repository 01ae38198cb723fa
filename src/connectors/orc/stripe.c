#include "connectors/orc/stripe.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/orc/fault.h"
#include "connectors/orc/protobuf.h"

#define MOST_FOOTER_BYTES (64u << 20)

/* Numbers of fields in the messages of the format. */
enum
{
	FOOTER_STREAMS = 1,
	FOOTER_ENCODINGS = 2,
	FOOTER_TIME_ZONE = 3,
	STREAM_KIND = 1,
	STREAM_COLUMN = 2,
	STREAM_LENGTH = 3,
	ENCODING_KIND = 1,
	ENCODING_DICTIONARY_SIZE = 2
};

/* The parts lie one behind the other, in this order. */
static void
take_stream(OrcStripeParts *parts, Message message, int64_t *offset)
{
	uint64_t kind = 0;
	uint64_t column = 0;
	uint64_t length = 0;
	MessageField field;

	while (message_next(&message, &field))
		if (field.number == STREAM_KIND)
			kind = field.value;
		else if (field.number == STREAM_COLUMN)
			column = field.value;
		else if (field.number == STREAM_LENGTH)
			length = field.value;
	if (message.is_broken || length > (uint64_t) parts->file->size)
		orc_broken("The footer of a stripe cannot be read.");
	if (kind < ORC_PARTS && column < (uint64_t) parts->tail->type_count)
		parts->columns[column].places[kind] =
			(OrcPlace){.is_there = true, .offset = *offset, .length = (int64_t) length};
	*offset += (int64_t) length;
	if (*offset > parts->file->size)
		orc_broken("A part of a column lies behind its end.");
}

static void
take_encoding(OrcColumnParts *column, Message message)
{
	MessageField field;

	while (message_next(&message, &field))
		if (field.number == ENCODING_KIND)
			column->encoding = field.value;
		else if (field.number == ENCODING_DICTIONARY_SIZE)
			column->dictionary_size = field.value;
}

static void
read_footer(OrcStripeParts *parts, Message message, int64_t offset)
{
	MessageField field;
	int column = 0;

	while (message_next(&message, &field))
		if (field.number == FOOTER_STREAMS)
			take_stream(parts, field.bytes, &offset);
		else if (field.number == FOOTER_ENCODINGS && column < parts->tail->type_count)
			take_encoding(&parts->columns[column++], field.bytes);
		else if (field.number == FOOTER_TIME_ZONE)
		{
			free(parts->time_zone);
			parts->time_zone = message_text(&field.bytes);
		}
	if (message.is_broken || column < parts->tail->type_count)
		orc_broken("The footer of a stripe cannot be read.");
}

void
orc_stripe_read(OrcStripeParts *parts, const StoredFile *file, const OrcTail *tail, const OrcStripe *stripe)
{
	size_t size = (size_t) tail->type_count * sizeof(OrcColumnParts);
	OrcStream stream;
	unsigned char *bytes;
	size_t length;

	*parts = (OrcStripeParts){.file = file, .tail = tail, .columns = allocate(size)};
	memset(parts->columns, 0, size);
	orc_stream_begin(&stream, file, &tail->codec, stripe->offset + stripe->index_length + stripe->data_length,
					 stripe->footer_length);
	bytes = orc_stream_all(&stream, MOST_FOOTER_BYTES, &length);
	orc_stream_end(&stream);
	read_footer(parts, message_of(bytes, length), stripe->offset);
	free(bytes);
}

void
orc_stripe_stream(const OrcStripeParts *parts, int type, OrcPart part, OrcStream *stream)
{
	const OrcPlace *place = &parts->columns[type].places[part];

	orc_stream_begin(stream, parts->file, &parts->tail->codec, place->offset, place->length);
}

void
orc_stripe_free(OrcStripeParts *parts)
{
	free(parts->columns);
	free(parts->time_zone);
	*parts = (OrcStripeParts){.file = NULL};
}
