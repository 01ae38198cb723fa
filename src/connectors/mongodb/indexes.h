/*
 * indexes.h — the indexes of a collection.
 */
#ifndef RG_MONGODB_INDEXES_H
#define RG_MONGODB_INDEXES_H

#include "connectors/mongodb/session.h"
#include "wire/wire.h"

/* Appends them as a member of a document; nothing if there are none. Returns false with the server's error.
 */
extern bool indexes_append(Session *session, const char *collection, WireBuffer *out, bson_error_t *error);

#endif
