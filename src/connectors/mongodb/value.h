/*
 * value.h — values of BSON as PostgreSQL reads them in the type of a column.
 */
#ifndef RG_MONGODB_VALUE_H
#define RG_MONGODB_VALUE_H

#include <bson/bson.h>

#include "connectors/inference/path_document.h"
#include "wire/wire.h"

/* NULL: text. */
extern PathForm value_form(const char *pg_type);

/*
 * Appends the value in that form. A value of another form is sent as it is: an array in a column of scalars
 * is JSON. Returns false if it is null, and nothing is appended, or if the bytes are no BSON: then
 * *is_broken.
 */
extern bool value_write(WireBuffer *out, const bson_iter_t *value, PathForm form, bool *is_broken);

/* Appends a document as JSON. Returns false if the bytes are no BSON. */
extern bool value_write_document(WireBuffer *out, const bson_t *document);

#endif
