/*
 * dictionary.h — the different texts of a column in a stripe.
 */
#ifndef RG_ORC_DICTIONARY_H
#define RG_ORC_DICTIONARY_H

#include "connectors/orc/runs.h"
#include "connectors/orc/stripe.h"

typedef struct OrcDictionary
{
	unsigned char *bytes;
	size_t *ends; /* of each text */
	uint64_t count;
} OrcDictionary;

extern OrcDictionary *
orc_dictionary_read(const OrcStripeParts *stripe, int type, OrcIntegers *lengths, uint64_t count);

/* Ends the process if there is no such text. */
extern const char *orc_dictionary_value(const OrcDictionary *dictionary, int64_t number, size_t *length);

/* NULL is allowed. */
extern void orc_dictionary_free(OrcDictionary *dictionary);

#endif
