#include "connectors/orc/dictionary.h"

#include <stdlib.h>

#include "connectors/common/memory.h"
#include "connectors/orc/fault.h"

#define MOST_BYTES (256u << 20)
#define MOST_TEXTS (16u << 20)

/* A dictionary without texts has no lengths either. */
OrcDictionary *
orc_dictionary_read(const OrcStripeParts *stripe, int type, OrcIntegers *lengths, uint64_t count)
{
	OrcDictionary *dictionary = allocate(sizeof(OrcDictionary));
	OrcStream stream;
	size_t length;
	size_t end = 0;

	if (count > MOST_TEXTS)
		orc_too_large("A dictionary of the ORC file has more than 16,777,216 texts.");
	orc_stripe_stream(stripe, type, ORC_DICTIONARY, &stream);
	dictionary->bytes = orc_stream_all(&stream, MOST_BYTES, &length);
	orc_stream_end(&stream);
	dictionary->count = count;
	dictionary->ends = allocate((size_t) (count + 1) * sizeof(size_t));
	for (uint64_t i = 0; i < count; i++)
	{
		int64_t one = orc_integer(lengths);

		if (one < 0 || (uint64_t) one > length - end)
			orc_broken("A dictionary has a text behind its end.");
		end += (size_t) one;
		dictionary->ends[i] = end;
	}
	return dictionary;
}

const char *
orc_dictionary_value(const OrcDictionary *dictionary, int64_t number, size_t *length)
{
	size_t start;

	if (number < 0 || (uint64_t) number >= dictionary->count)
		orc_broken("A value is not in the dictionary of its column.");
	start = number > 0 ? dictionary->ends[number - 1] : 0;
	*length = dictionary->ends[number] - start;
	return (const char *) dictionary->bytes + start;
}

void
orc_dictionary_free(OrcDictionary *dictionary)
{
	if (dictionary == NULL)
		return;
	free(dictionary->bytes);
	free(dictionary->ends);
	free(dictionary);
}
