/*
 * vocabulary.h — what is small and read once: names by oid, reserved words, default operator classes.
 */
#ifndef RG_POSTGRESQL_VOCABULARY_H
#define RG_POSTGRESQL_VOCABULARY_H

#include "connectors/postgresql/rows.h"
#include "wire/wire.h"

typedef struct Vocabulary
{
	PGresult *schemas; /* ordered by oid, like the next one */
	PGresult *access_methods;
	PGresult *words;   /* ordered */
	PGresult *classes; /* operator classes that are a default, with their types, ordered by oid */
} Vocabulary;

extern const char *schema_name(const Vocabulary *vocabulary, ObjectId schema);
extern const char *access_method_name(const Vocabulary *vocabulary, ObjectId access_method);

/* Appends an identifier, quoted where SQL needs it: what the server's quote_ident() does. */
extern void append_identifier(WireBuffer *out, const Vocabulary *vocabulary, const char *name);

/* Is this operator class surely the one that an index on a column of this type has by default? */
extern bool is_default_class(const Vocabulary *vocabulary, ObjectId operator_class, ObjectId type);

#endif
