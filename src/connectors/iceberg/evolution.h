/*
 * evolution.h — how a column of a data file becomes one of the table's present schema: fields are the same if
 * their ids are.
 */
#ifndef RG_ICEBERG_EVOLUTION_H
#define RG_ICEBERG_EVOLUTION_H

#include "connectors/iceberg/stored_field.h"
#include "connectors/lake/shape.h"

/* Returns NULL, with the reason, if the stored field cannot be read as the type. */
extern Shape *iceberg_shape(const JsonNode *type, const StoredField *stored, const char **refusal);

/* The position of the field with that id; -1: there is none. */
extern int iceberg_find_stored(const StoredField *structure, int64_t id);

/* Appends what a field of the schema has in files that were written before it was added: as PostgreSQL reads
 * it, or as JSON. Returns false if that is null. */
extern bool iceberg_default_write(WireBuffer *out, const JsonNode *field, bool as_json);

#endif
