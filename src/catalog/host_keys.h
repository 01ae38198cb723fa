/*
 * host_keys.h — the keys by which rivergen.max_connections_per_host counts connections: one for each host and
 * port of a source (SQL: rivergen_catalog.host_keys).
 */
#ifndef RG_HOST_KEYS_H
#define RG_HOST_KEYS_H

#include "postgres.h"

#define RG_MAX_HOST_KEYS 16

typedef struct RgHostKeys
{
	int count; /* 0: the source has no host */
	int64 keys[RG_MAX_HOST_KEYS];
} RgHostKeys;

/* Reads a cell of the current result, a bigint[] or null. */
extern RgHostKeys rg_host_keys_read(uint64 row, int column);

extern bool rg_host_keys_have(const RgHostKeys *keys, int64 key);

#endif
