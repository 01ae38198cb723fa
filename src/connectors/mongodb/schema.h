/*
 * schema.h — what a collection's validator declares of its documents.
 */
#ifndef RG_MONGODB_SCHEMA_H
#define RG_MONGODB_SCHEMA_H

#include <bson/bson.h>

#include "connectors/inference/paths.h"
#include "wire/wire.h"

/* options: of the collection. Declares what its $jsonSchema says, before any document is fed. */
extern void schema_declare(Paths *paths, const bson_t *options);

/* Appends the validator as a member of a document, if there is one. */
extern void schema_append_check(WireBuffer *out, const bson_t *options);

#endif
