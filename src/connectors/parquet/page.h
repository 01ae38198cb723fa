/*
 * page.h — the pages of a column: their headers, and their bytes.
 */
#ifndef RG_PARQUET_PAGE_H
#define RG_PARQUET_PAGE_H

#include "connectors/parquet/decoder.h"
#include "connectors/parquet/footer.h"

/* As the format numbers them. */
typedef enum PageKind
{
	PAGE_DATA,
	PAGE_INDEX,
	PAGE_DICTIONARY,
	PAGE_DATA_2
} PageKind;

typedef struct PageHeader
{
	PageKind kind;
	int32_t size; /* unpacked */
	int32_t packed_size;
	int32_t value_count;
	Encoding encoding;
	Encoding definition_encoding;
	Encoding repetition_encoding;
	int32_t definition_length; /* of PAGE_DATA_2 */
	int32_t repetition_length;
	bool is_as_it_is; /* of PAGE_DATA_2: not packed */
	bool has_checksum;
	uint32_t checksum;
} PageHeader;

/* Pages one after the other, from an offset in the file on. */
typedef struct PageReader
{
	const StoredFile *file;
	const char *column; /* for errors */
	int codec;
	int64_t offset; /* of the next header */
	int64_t end;    /* about where the column ends: no more is read in advance */
	char *window;   /* a piece of the file */
	size_t window_size;
	size_t window_length;
	int64_t window_offset;
	char *bytes; /* of the present page, unpacked */
	size_t size;
} PageReader;

/* The column and its chunk. The memory of the last one is used again. */
extern void
pages_begin(PageReader *pages, const StoredFile *file, const char *column, const ColumnChunk *chunk);

/* The next page's header; its bytes come by pages_unpack(), or are passed over. */
extern void pages_next(PageReader *pages, PageHeader *header);

/* Returns the unpacked bytes of the page, header->size of them, until the next page. */
extern const char *pages_unpack(PageReader *pages, const PageHeader *header);

extern void pages_end(PageReader *pages);

#endif
