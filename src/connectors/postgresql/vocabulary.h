/*
 * vocabulary.h — small lists that are read once: names by oid, reserved words, default operator classes.
 */
#ifndef RG_POSTGRESQL_VOCABULARY_H
#define RG_POSTGRESQL_VOCABULARY_H

#include "connectors/postgresql/rows.h"
#include "wire/wire.h"

typedef struct Vocabulary
{
	PGresult *schemas;         /* ordered by oid, like the next two */
	PGresult *schema_comments; /* NULL, as each that follows, if the user may not read them */
	PGresult *access_methods;
	PGresult *words;   /* ordered */
	PGresult *classes; /* operator classes that are a default, with their types, ordered by oid */
} Vocabulary;

/* Is everything known that an index's definition needs? */
static inline bool
can_write_indexes(const Vocabulary *vocabulary)
{
	return vocabulary->access_methods && vocabulary->words;
}

/* Returns NULL if it has none. */
extern const char *schema_comment(const Vocabulary *vocabulary, ObjectId schema);
extern const char *schema_name(const Vocabulary *vocabulary, ObjectId schema);
/* Returns NULL if the names of access methods may not be read. */
extern const char *access_method_name(const Vocabulary *vocabulary, ObjectId access_method);

/* Appends an identifier, quoted as the server's quote_ident() does. */
extern void append_identifier(WireBuffer *out, const Vocabulary *vocabulary, const char *name);

/* Is this operator class certainly the default one of an index on a column of this type? */
extern bool is_default_class(const Vocabulary *vocabulary, ObjectId operator_class, ObjectId type);

#endif
