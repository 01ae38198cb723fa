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

/* NULL: of none that is known. */
extern const ObjectFormat *object_format(const char *key);

#endif
