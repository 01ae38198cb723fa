/*
 * hash.h — a sum of bytes that tells texts apart (FNV-1a), for tables and for states. It is no secret and no
 * proof: texts can be made to have the same one.
 */
#ifndef RG_CONNECTOR_HASH_H
#define RG_CONNECTOR_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_BEGINS UINT64_C(0xcbf29ce484222325)

/* Goes on from the sum so far. */
static inline uint64_t
hash_bytes(uint64_t sum, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum = (sum ^ (unsigned char) bytes[i]) * UINT64_C(0x100000001b3);
	return sum;
}

static inline uint64_t
hash_text(const char *text)
{
	return hash_bytes(HASH_BEGINS, text, strlen(text));
}

#endif
