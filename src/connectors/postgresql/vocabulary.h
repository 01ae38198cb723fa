/*
 * vocabulary.h — what is small and read once: names by oid, reserved words, default operator classes.
 */
#ifndef RG_POSTGRESQL_VOCABULARY_H
#define RG_POSTGRESQL_VOCABULARY_H

#include "connectors/postgresql/rows.h"
#include "wire/wire.h"

typedef struct Vocabulary
{
	PGresult *schemas;         /* ordered by oid, like the next two */
	PGresult *schema_comments; /* NULL, like each that follows: the user may not read them */
	PGresult *access_methods;
	PGresult *words;   /* ordered */
	PGresult *classes; /* operator classes that are a default, with their types, ordered by oid */
} Vocabulary;

/* What is needed to write an index's definition. */
static inline bool
can_write_indexes(const Vocabulary *vocabulary)
{
	return vocabulary->access_methods && vocabulary->words;
}

/* NULL when it has none. */
extern const char *schema_comment(const Vocabulary *vocabulary, ObjectId schema);
extern const char *schema_name(const Vocabulary *vocabulary, ObjectId schema);
/* NULL when the names of access methods may not be read. */
extern const char *access_method_name(const Vocabulary *vocabulary, ObjectId access_method);

/* Appends an identifier, quoted where SQL needs it: what the server's quote_ident() does. */
extern void append_identifier(WireBuffer *out, const Vocabulary *vocabulary, const char *name);

/* Is this operator class surely the one that an index on a column of this type has by default? */
extern bool is_default_class(const Vocabulary *vocabulary, ObjectId operator_class, ObjectId type);

#endif
