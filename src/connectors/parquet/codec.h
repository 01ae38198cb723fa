/*
 * codec.h — how pages are packed.
 */
#ifndef RG_PARQUET_CODEC_H
#define RG_PARQUET_CODEC_H

#include <stdbool.h>
#include <stddef.h>

/* Why pages that are packed so cannot be read, or NULL. */
extern const char *codec_refusal(int codec);

/* Are pages as they are? */
extern bool codec_is_none(int codec);

/* Unpacks into exactly so many bytes. Returns false if it cannot be done. */
extern bool codec_unpack(int codec, const char *packed, size_t packed_length, char *bytes, size_t length);

#endif
