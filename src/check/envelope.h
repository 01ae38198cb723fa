/*
 * envelope.h — what a client sealed, once a worker has opened it: checked there for the first time.
 */
#ifndef RG_ENVELOPE_H
#define RG_ENVELOPE_H

#include "postgres.h"

#include "check/credentials.h"

typedef struct RgEnvelope
{
	int64 organization_id;
	int64 data_source_id; /* 0: for any source of the organization */
	RgCredentials credentials;
} RgEnvelope;

/*
 * Reads {"organization_id", "data_source_id" (may be absent), "credentials"} for a source of this type.
 * Returns NULL, or what is wrong, without a word of the text. Nothing is raised: the server's own JSON errors
 * quote what they choke on.
 */
extern const char *
rg_envelope_read(RgEnvelope *envelope, const char *text, size_t length, const RgSourceType *type);

#endif
