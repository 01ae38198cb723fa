/*
 * decoder.h — the values of a page, in each of the format's encodings.
 */
#ifndef RG_PARQUET_DECODER_H
#define RG_PARQUET_DECODER_H

#include "connectors/parquet/deltas.h"
#include "connectors/parquet/runs.h"
#include "connectors/parquet/text.h"

/* As the format numbers them. */
typedef enum Encoding
{
	ENCODING_PLAIN = 0,
	ENCODING_PLAIN_DICTIONARY = 2,
	ENCODING_RLE = 3,
	ENCODING_BIT_PACKED = 4,
	ENCODING_DELTA_BINARY_PACKED = 5,
	ENCODING_DELTA_LENGTH_BYTES = 6,
	ENCODING_DELTA_BYTES = 7,
	ENCODING_RLE_DICTIONARY = 8,
	ENCODING_BYTE_STREAM_SPLIT = 9
} Encoding;

/* The values that a page's values are numbers of. */
typedef struct Dictionary
{
	char *bytes; /* of the page */
	size_t length;
	uint32_t count;
	uint32_t *places; /* of values with their own length: where each begins, behind its length; or NULL */
} Dictionary;

/* Makes a dictionary of the bytes, which it keeps. Returns false if they are fewer than they should be. */
extern bool dictionary_make(Dictionary *dictionary, const SchemaElement *element, uint32_t count);
extern void dictionary_free(Dictionary *dictionary);

typedef struct Decoder
{
	const SchemaElement *element;
	const Dictionary *dictionary;
	bool (*take)(struct Decoder *decoder, ParquetValue *value);
	size_t width; /* of a value of fixed length; 0: each has its own */
	const char *next;
	const char *end;
	uint64_t position; /* of bits, or of values */
	Runs runs;
	Deltas lengths; /* numbers, or lengths of what is not shared */
	Deltas shared;  /* how much of the value before is shared */
	WireBuffer value;
} Decoder;

/* Returns NULL, or why the values cannot be read. */
extern const char *decoder_begin(Decoder *decoder, Encoding encoding, const SchemaElement *element,
								 const Dictionary *dictionary, const char *bytes, size_t length);

/* The next value, which stays until the one after it. Returns false if there is none. */
static inline bool
decoder_next(Decoder *decoder, ParquetValue *value)
{
	return decoder->take(decoder, value);
}

extern void decoder_end(Decoder *decoder);

#endif
