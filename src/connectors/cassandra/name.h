/*
 * name.h — names as CQL writes them.
 */
#ifndef RG_CASSANDRA_NAME_H
#define RG_CASSANDRA_NAME_H

#include "wire/wire.h"

/* For people: in double quotes only where it needs them. */
extern void name_append(WireBuffer *out, const char *name);

/* For statements: always in double quotes. */
extern void name_append_quoted(WireBuffer *out, const char *name);

#endif
