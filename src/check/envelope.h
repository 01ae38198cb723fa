/*
 * envelope.h — checks the text that a client sealed, after a worker has opened it.
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
 * Returns NULL, or what is wrong without quoting the text. Raises nothing: the server's own JSON errors quote
 * their input.
 */
extern const char *
rg_envelope_read(RgEnvelope *envelope, const char *text, size_t length, const RgSourceType *type);

#endif
