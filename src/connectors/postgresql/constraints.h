/*
 * constraints.h — a relation's keys, checks and exclusions in its document.
 */
#ifndef RG_POSTGRESQL_CONSTRAINTS_H
#define RG_POSTGRESQL_CONSTRAINTS_H

#include "connectors/postgresql/chunk.h"

/* Returns false if a text that only the server can write is missing, unless it is denied. */
extern bool write_constraints(WireBuffer *out, const Chunk *chunk, const Relation *relation,
							  const Vocabulary *vocabulary, const bool *denied);

/* Does this type of constraint have a definition that the server has to write? */
extern bool constraint_needs_text(char type);

#endif
