/*
 * stored_field.h — the columns of a data file and the fields in them, whichever format it has.
 */
#ifndef RG_ICEBERG_STORED_FIELD_H
#define RG_ICEBERG_STORED_FIELD_H

#include "connectors/files/format.h"
#include "connectors/jsontree/json_tree.h"

typedef enum StoredKind
{
	STORED_BOOLEAN,
	STORED_INTEGER,
	STORED_REAL,
	STORED_DOUBLE,
	STORED_DECIMAL,
	STORED_DATE,
	STORED_TIME,
	STORED_TIMESTAMP,
	STORED_TIMESTAMPTZ,
	STORED_TEXT,
	STORED_UUID,
	STORED_BYTES,
	STORED_OTHER,
	STORED_STRUCTURE,
	STORED_LIST, /* of one field */
	STORED_MAP   /* of a key and a value */
} StoredKind;

#define NO_STORED_ID (-1)

typedef struct StoredField
{
	const char *name;
	int64_t id;
	StoredKind kind;
	int scale; /* of a decimal */
	struct StoredField *fields;
	int count;
} StoredField;

/* A structure of the columns of a Parquet or an ORC file, in the relation's order. Names stay the file's. */
extern StoredField *stored_fields_of_parquet(const FileRelation *relation);
extern StoredField *stored_fields_of_orc(const FileRelation *relation);
extern void stored_fields_free(StoredField *root);

/* Has any of the columns an id? */
extern bool stored_fields_have_ids(const StoredField *root);

/* Gives ids by names, as a name mapping of Iceberg has them: an array. */
extern void stored_fields_map(StoredField *root, const JsonNode *mapping);

#endif
