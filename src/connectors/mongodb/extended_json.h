/*
 * extended_json.h — definitions as MongoDB's canonical extended JSON, in which each value shows its type.
 */
#ifndef RG_MONGODB_EXTENDED_JSON_H
#define RG_MONGODB_EXTENDED_JSON_H

#include <bson/bson.h>

#include "wire/wire.h"

/* Appends the document or array as a JSON text of that text. */
extern void extended_json_append(WireBuffer *out, const bson_iter_t *value);

/* The same for a whole document. */
extern void extended_json_append_document(WireBuffer *out, const bson_t *document);

#endif
