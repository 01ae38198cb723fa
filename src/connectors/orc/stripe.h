/*
 * stripe.h — where the parts of each column lie in a stripe.
 */
#ifndef RG_ORC_STRIPE_H
#define RG_ORC_STRIPE_H

#include "connectors/orc/tail.h"

typedef enum OrcPart
{
	ORC_PRESENT,
	ORC_DATA,
	ORC_LENGTH,
	ORC_DICTIONARY,
	ORC_DICTIONARY_COUNT,
	ORC_SECONDARY,
	ORC_PARTS
} OrcPart;

typedef struct OrcPlace
{
	bool is_there;
	int64_t offset;
	int64_t length;
} OrcPlace;

typedef struct OrcColumnParts
{
	OrcPlace places[ORC_PARTS];
	uint64_t encoding;
	uint64_t dictionary_size;
} OrcColumnParts;

typedef struct OrcStripeParts
{
	const StoredFile *file;
	const OrcTail *tail;
	OrcColumnParts *columns; /* one for each type of the file */
	char *time_zone;         /* in which timestamps were written; or NULL */
} OrcStripeParts;

extern void
orc_stripe_read(OrcStripeParts *parts, const StoredFile *file, const OrcTail *tail, const OrcStripe *stripe);

/* Begins the stream of a part; one that is not there is empty. */
extern void orc_stripe_stream(const OrcStripeParts *parts, int type, OrcPart part, OrcStream *stream);

extern void orc_stripe_free(OrcStripeParts *parts);

#endif
