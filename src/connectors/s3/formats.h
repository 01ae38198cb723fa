/*
 * formats.h — which format an object has, by the end of its key.
 */
#ifndef RG_S3_FORMATS_H
#define RG_S3_FORMATS_H

#include "connectors/files/format.h"

typedef struct ObjectFormat
{
	const char *name;     /* of the source type that files of the format have */
	const Format *format; /* NULL: it cannot be read here */
} ObjectFormat;

/* Of folders that say themselves which objects they have. */
extern const ObjectFormat delta_lake_tables;
extern const ObjectFormat hudi_tables;
extern const ObjectFormat iceberg_tables;

/* NULL: of none that is known. */
extern const ObjectFormat *object_format(const char *key);

#endif
