#include "connectors/parquet/decoder.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/parquet/bits.h"

/* Bytes of a value; 0: each has a length of its own. Booleans are packed, and not asked for. */
static size_t
width_of(const SchemaElement *element)
{
	static const size_t widths[] = {1, 4, 8, 12, 4, 8, 0};

	return element->physical == PHYSICAL_FIXED ? (size_t) element->length : widths[element->physical];
}

/* Numbers of 32 bits keep their sign. */
static void
set_fixed(const SchemaElement *element, const char *bytes, size_t width, ParquetValue *value)
{
	int32_t small;

	*value = (ParquetValue){.bytes = bytes, .length = width};
	if (width == 4 && element->physical != PHYSICAL_FIXED)
	{
		memcpy(&small, bytes, sizeof(small));
		value->number = (uint64_t) (int64_t) small;
	}
	else if (width == 8)
		memcpy(&value->number, bytes, sizeof(value->number));
}

static uint32_t
read_length(const char *at)
{
	uint32_t length;

	memcpy(&length, at, sizeof(length));
	return length;
}

/* ---- plain ---- */

static bool
take_boolean(Decoder *decoder, ParquetValue *value)
{
	if (decoder->position >= (uint64_t) (decoder->end - decoder->next) * 8)
		return false;
	*value =
		(ParquetValue){.number = bits_at((const unsigned char *) decoder->next,
										 (size_t) (decoder->end - decoder->next), decoder->position++, 1)};
	return true;
}

static bool
take_fixed(Decoder *decoder, ParquetValue *value)
{
	if ((size_t) (decoder->end - decoder->next) < decoder->width)
		return false;
	set_fixed(decoder->element, decoder->next, decoder->width, value);
	decoder->next += decoder->width;
	return true;
}

static bool
take_bytes(Decoder *decoder, ParquetValue *value)
{
	uint32_t length;

	if (decoder->end - decoder->next < 4)
		return false;
	length = read_length(decoder->next);
	if (length > (size_t) (decoder->end - decoder->next) - 4)
		return false;
	*value = (ParquetValue){.bytes = decoder->next + 4, .length = length};
	decoder->next += 4 + (size_t) length;
	return true;
}

/* ---- dictionaries ---- */

bool
dictionary_make(Dictionary *dictionary, const SchemaElement *element, uint32_t count)
{
	size_t width = width_of(element);
	size_t at = 0;

	dictionary->count = count;
	if (element->physical == PHYSICAL_BOOLEAN)
		return false;
	if (element->physical != PHYSICAL_BYTES)
		return width == 0 || count <= dictionary->length / width;
	if (count > dictionary->length / 4)
		return false;
	dictionary->places = allocate(((size_t) count + 1) * sizeof(uint32_t));
	for (uint32_t i = 0; i < count; i++)
	{
		if (dictionary->length - at < 4 || read_length(dictionary->bytes + at) > dictionary->length - at - 4)
			return false;
		dictionary->places[i] = (uint32_t) at + 4;
		at += 4 + (size_t) read_length(dictionary->bytes + at);
	}
	return true;
}

void
dictionary_free(Dictionary *dictionary)
{
	free(dictionary->bytes);
	free(dictionary->places);
	*dictionary = (Dictionary){.bytes = NULL};
}

static bool
take_entry(Decoder *decoder, ParquetValue *value)
{
	uint32_t number = runs_next(&decoder->runs);
	const Dictionary *dictionary = decoder->dictionary;

	if (decoder->runs.has_failed || number >= dictionary->count)
		return false;
	if (dictionary->places)
	{
		const char *bytes = dictionary->bytes + dictionary->places[number];

		*value = (ParquetValue){.bytes = bytes, .length = read_length(bytes - 4)};
	}
	else
		set_fixed(decoder->element, dictionary->bytes + (size_t) number * decoder->width, decoder->width,
				  value);
	return true;
}

static const char *
begin_entries(Decoder *decoder)
{
	int width;

	if (decoder->dictionary->bytes == NULL)
		return "a page needs a dictionary that is not there";
	width = decoder->next < decoder->end ? (unsigned char) *decoder->next++ : 0;
	if (width > 32)
		return "the numbers of its dictionary are too wide";
	runs_begin(&decoder->runs, decoder->next, (size_t) (decoder->end - decoder->next), width);
	decoder->take = take_entry;
	return NULL;
}

/* ---- runs of booleans ---- */

static bool
take_run(Decoder *decoder, ParquetValue *value)
{
	*value = (ParquetValue){.number = runs_next(&decoder->runs)};
	return !decoder->runs.has_failed;
}

static const char *
begin_runs(Decoder *decoder)
{
	size_t length = (size_t) (decoder->end - decoder->next);
	uint32_t said = length >= 4 ? read_length(decoder->next) : 0;

	if (length >= 4 && said > length - 4)
		return "a page is cut";
	if (length >= 4)
		runs_begin(&decoder->runs, decoder->next + 4, said, 1);
	decoder->take = take_run;
	if (length < 4)
		runs_begin(&decoder->runs, decoder->next, 0, 1);
	return NULL;
}

/* ---- differences ---- */

static bool
take_delta(Decoder *decoder, ParquetValue *value)
{
	int64_t number;

	if (!deltas_next(&decoder->lengths, &number))
		return false;
	*value = (ParquetValue){.number = (uint64_t) number};
	if (decoder->element->physical == PHYSICAL_INT32)
		value->number = (uint64_t) (int64_t) (int32_t) number;
	return true;
}

static bool
take_stretch(Decoder *decoder, ParquetValue *value)
{
	int64_t length;

	if (!deltas_next(&decoder->lengths, &length) || length < 0 || length > decoder->end - decoder->next)
		return false;
	*value = (ParquetValue){.bytes = decoder->next, .length = (size_t) length};
	decoder->next += length;
	return true;
}

/* What is shared with the value before stays where it is. */
static bool
take_rest(Decoder *decoder, ParquetValue *value)
{
	int64_t shared;
	ParquetValue rest;

	if (!deltas_next(&decoder->shared, &shared) || shared < 0 || (uint64_t) shared > decoder->value.length ||
		!take_stretch(decoder, &rest))
		return false;
	decoder->value.length = (size_t) shared;
	wire_append(&decoder->value, rest.bytes, rest.length);
	if (decoder->value.failed)
		give_up_out_of_memory();
	*value = (ParquetValue){.bytes = decoder->value.data, .length = decoder->value.length};
	if (value->bytes == NULL)
		value->bytes = "";
	return decoder->width == 0 || value->length == decoder->width;
}

/* Lengths, then all bytes. */
static const char *
begin_stretches(Decoder *decoder)
{
	const char *behind;

	deltas_begin(&decoder->lengths, decoder->next, (size_t) (decoder->end - decoder->next));
	behind = deltas_end(&decoder->lengths);
	if (behind == NULL)
		return "lengths of a page are damaged";
	decoder->next = behind;
	decoder->take = take_stretch;
	return NULL;
}

static const char *
begin_rests(Decoder *decoder)
{
	const char *behind;
	const char *fault;

	deltas_begin(&decoder->shared, decoder->next, (size_t) (decoder->end - decoder->next));
	behind = deltas_end(&decoder->shared);
	if (behind == NULL)
		return "lengths of a page are damaged";
	decoder->next = behind;
	fault = begin_stretches(decoder);
	decoder->take = take_rest;
	return fault;
}

/* ---- split bytes ---- */

/* The first bytes of all values, then the second ones, and so on. */
static bool
take_split(Decoder *decoder, ParquetValue *value)
{
	size_t count = (size_t) (decoder->end - decoder->next) / decoder->width;

	if (decoder->position >= count)
		return false;
	wire_reset(&decoder->value);
	for (size_t i = 0; i < decoder->width; i++)
		wire_append(&decoder->value, decoder->next + i * count + decoder->position, 1);
	if (decoder->value.failed)
		give_up_out_of_memory();
	decoder->position++;
	set_fixed(decoder->element, decoder->value.data, decoder->width, value);
	return true;
}

/* ---- all ---- */

static bool
take_nothing(Decoder *decoder, ParquetValue *value)
{
	(void) decoder;
	(void) value;
	return false;
}

static const char *
begin_plain(Decoder *decoder)
{
	decoder->take = decoder->element->physical == PHYSICAL_BOOLEAN ? take_boolean
					: decoder->element->physical == PHYSICAL_BYTES ? take_bytes
																   : take_fixed;
	return NULL;
}

static const char *
begin_encoding(Decoder *decoder, Encoding encoding)
{
	PhysicalType physical = decoder->element->physical;
	bool is_integer = physical == PHYSICAL_INT32 || physical == PHYSICAL_INT64;
	bool is_bytes = physical == PHYSICAL_BYTES || physical == PHYSICAL_FIXED;

	if (encoding == ENCODING_PLAIN)
		return begin_plain(decoder);
	if (encoding == ENCODING_RLE_DICTIONARY || encoding == ENCODING_PLAIN_DICTIONARY)
		return begin_entries(decoder);
	if (encoding == ENCODING_RLE && physical == PHYSICAL_BOOLEAN)
		return begin_runs(decoder);
	if (encoding == ENCODING_DELTA_BINARY_PACKED && is_integer)
	{
		deltas_begin(&decoder->lengths, decoder->next, (size_t) (decoder->end - decoder->next));
		decoder->take = take_delta;
		return NULL;
	}
	if (encoding == ENCODING_DELTA_LENGTH_BYTES && physical == PHYSICAL_BYTES)
		return begin_stretches(decoder);
	if (encoding == ENCODING_DELTA_BYTES && is_bytes)
		return begin_rests(decoder);
	if (encoding == ENCODING_BYTE_STREAM_SPLIT && decoder->width > 0 && physical != PHYSICAL_BOOLEAN)
	{
		decoder->take = take_split;
		return NULL;
	}
	return "a page has an encoding that is not known for its type";
}

/* The memory of the last page's values is used again. */
const char *
decoder_begin(Decoder *decoder, Encoding encoding, const SchemaElement *element, const Dictionary *dictionary,
			  const char *bytes, size_t length)
{
	WireBuffer value = decoder->value;

	wire_reset(&value);
	*decoder = (Decoder){.element = element,
						 .dictionary = dictionary,
						 .take = take_nothing,
						 .width = width_of(element),
						 .next = bytes,
						 .end = bytes + length,
						 .value = value};
	return begin_encoding(decoder, encoding);
}

void
decoder_end(Decoder *decoder)
{
	wire_free(&decoder->value);
}
