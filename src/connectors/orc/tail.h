/*
 * tail.h — what the end of an ORC file says of it: how it is packed, its types, its stripes.
 */
#ifndef RG_ORC_TAIL_H
#define RG_ORC_TAIL_H

#include "connectors/orc/stream.h"

typedef enum OrcKind
{
	ORC_BOOLEAN,
	ORC_TINYINT,
	ORC_SMALLINT,
	ORC_INT,
	ORC_BIGINT,
	ORC_FLOAT,
	ORC_DOUBLE,
	ORC_STRING,
	ORC_BINARY,
	ORC_TIMESTAMP,
	ORC_LIST,
	ORC_MAP,
	ORC_STRUCT,
	ORC_UNION,
	ORC_DECIMAL,
	ORC_DATE,
	ORC_VARCHAR,
	ORC_CHAR,
	ORC_TIMESTAMP_INSTANT,
	ORC_GEOMETRY,
	ORC_GEOGRAPHY,
	ORC_KINDS
} OrcKind;

typedef struct OrcType
{
	OrcKind kind;
	int *children; /* numbers of types, each larger than this one's */
	int child_count;
	char **names; /* of a struct's fields, as many as there are children */
	int name_count;
	int64_t length; /* of char and varchar */
	int64_t precision;
	int64_t scale;
	bool is_required; /* an attribute of Iceberg says so */
	char *field_id;   /* that of Iceberg; or NULL */
} OrcType;

typedef struct OrcStripe
{
	int64_t offset;
	int64_t index_length;
	int64_t data_length;
	int64_t footer_length;
	int64_t rows;
} OrcStripe;

typedef struct OrcTail
{
	OrcCodec codec;
	OrcType *types;
	int type_count;
	OrcStripe *stripes;
	int stripe_count;
	int64_t rows;
	bool is_encrypted; /* some columns are */
	char *version;     /* of the format, for people */
} OrcTail;

/* Ends the process if the file is no ORC file. */
extern void orc_tail_check(const StoredFile *file);

/* Ends the process if the tail cannot be read. */
extern void orc_tail_read(OrcTail *tail, const StoredFile *file);

extern void orc_tail_free(OrcTail *tail);

#endif
