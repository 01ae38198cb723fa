/*
 * unpacked.h — the bytes of a stored file, one after the other; of a file that gzip or zstd has packed, those
 * that were packed. A file may not unpack to more than MOST_UNPACKED bytes, nor, past the first megabyte, to
 * more than MOST_RATIO times its own size.
 */
#ifndef RG_FILES_UNPACKED_H
#define RG_FILES_UNPACKED_H

#include "connectors/files/storage.h"

#define MOST_UNPACKED (INT64_C(1) << 30)
#define MOST_RATIO    200

typedef enum Packing
{
	PACKED_NOT,
	PACKED_GZIP,
	PACKED_ZSTD
} Packing;

typedef struct Unpacked
{
	const StoredFile *file;
	Packing packing;
	int64_t offset; /* of the file, behind what is in `packed` */
	int64_t count;  /* bytes that were given out */
	unsigned char *packed;
	size_t packed_length;
	size_t packed_used;
	void *state;
	bool in_frame;  /* of zstd, or a member of gzip: it has not ended */
	bool has_begun; /* the first one has */
} Unpacked;

extern void unpacked_begin(Unpacked *in, const StoredFile *file);

/* Returns how many bytes there are: 0 at the end. */
extern size_t unpacked_read(Unpacked *in, char *bytes, size_t size);

extern void unpacked_end(Unpacked *in);

/* The file's name without the ending that its packing gives it. The caller frees it. */
extern char *unpacked_name(const StoredFile *file, Packing packing);

#endif
