/*
 * digest.h — a short text that stands for many: in ids, signatures and identities.
 */
#ifndef RG_S3_DIGEST_H
#define RG_S3_DIGEST_H

#include "wire/wire.h"

#define DIGEST_TEXT_BYTES 33

/* Adds the text to what the digest is made of, so that two texts differ from one that joins them. */
extern void digest_add(WireBuffer *content, const char *text);

/* Writes the digest, and releases the content. */
extern void digest_end(WireBuffer *content, char *text);

extern void digest_of(const char *content, char *text);

#endif
