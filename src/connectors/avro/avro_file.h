/*
 * avro_file.h — an object container file of Avro: its schema, and its objects one after the other.
 *
 * The caller pulls the values out in the order of the schema (avro_values.h), and takes or skips all of an
 * object before it goes to the next one. What is damaged ends the process with an error. A block is at most
 * MOST_AVRO_BLOCK bytes long, packed and unpacked; there is one in memory.
 */
#ifndef RG_AVRO_FILE_H
#define RG_AVRO_FILE_H

#include "connectors/avro/avro_schema.h"
#include "connectors/files/storage.h"

#define MOST_AVRO_BLOCK (64u << 20)

typedef enum AvroCodec
{
	AVRO_PACKED_NOT,
	AVRO_PACKED_DEFLATE,
	AVRO_PACKED_SNAPPY,
	AVRO_PACKED_ZSTANDARD
} AvroCodec;

#define AVRO_MARKER_BYTES 16

typedef struct AvroFile
{
	const StoredFile *file;
	AvroSchema *schema;
	const AvroType *type; /* of the objects */
	char *header;         /* the part of the file that the metadata lies in */
	const char *metadata; /* its entries */
	const char *metadata_end;
	AvroCodec codec;
	unsigned char marker[AVRO_MARKER_BYTES];
	int64_t offset; /* of the next block */
	char *packed;
	char *unpacked;
	size_t packed_room;
	size_t unpacked_room;
	int64_t left;   /* objects of the present block that are not yet begun */
	const char *at; /* in the present block: what is read next */
	const char *end;
	const char *last; /* where a value began of which it is not known whether it has a byte */
	int empty;        /* such values without one */
	int depth;        /* of what is skipped */
} AvroFile;

/* Does a file begin as a container does? */
extern bool avro_begins(const char *bytes, size_t length);

extern void avro_open(AvroFile *avro, const StoredFile *file);
extern void avro_close(AvroFile *avro);

/* What the writer has added to the file under that key; NULL: nothing. */
extern const char *avro_metadata(const AvroFile *avro, const char *key, size_t *length);

/* Goes to the next object. Returns false behind the last one. */
extern bool avro_next(AvroFile *avro);

/* Ends the process as the file is not as the format has it. */
extern void avro_broken(const char *what) __attribute__((noreturn));

#endif
