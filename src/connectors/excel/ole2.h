/*
 * ole2.h — the streams of a file of OLE2, as workbooks of Excel 5 to 2003 are.
 */
#ifndef RG_EXCEL_OLE2_H
#define RG_EXCEL_OLE2_H

#include "connectors/files/storage.h"

/* The file is read into memory. */
#define MOST_OLE2_BYTES (INT64_C(64) << 20)

typedef struct Ole2
{
	unsigned char *bytes;
	size_t length;
	unsigned sector_shift;
	uint32_t *next; /* of each sector */
	uint32_t sectors;
	uint32_t directory;  /* the first sector of it */
	uint32_t small_next; /* the first sector of the list of small sectors */
} Ole2;

extern void ole2_open(Ole2 *ole2, const StoredFile *file);
extern void ole2_close(Ole2 *ole2);

extern bool ole2_has(const Ole2 *ole2, const char *stream);

/* The whole stream, which the caller frees; NULL: there is none. */
extern unsigned char *ole2_read(const Ole2 *ole2, const char *stream, size_t *length);

static inline uint32_t
little16(const unsigned char *bytes)
{
	return (uint32_t) (bytes[0] | bytes[1] << 8);
}

static inline uint32_t
little32(const unsigned char *bytes)
{
	return little16(bytes) | little16(bytes + 2) << 16;
}

#endif
