/*
 * indexes.h — a relation's indexes in its document.
 */
#ifndef RG_POSTGRESQL_INDEXES_H
#define RG_POSTGRESQL_INDEXES_H

#include "connectors/postgresql/chunk.h"

/*
 * Can the index be described from the catalogs alone? The server's pg_get_indexdef() locks the table, so it
 * is only asked about the others.
 */
extern bool
index_is_ordinary(const Chunk *chunk, const Relation *relation, int row, const Vocabulary *vocabulary);

/* False when a text that only the server can give is missing, unless it is denied. */
extern bool write_indexes(WireBuffer *out, const Chunk *chunk, const Relation *relation,
						  const Vocabulary *vocabulary, const bool *denied);

#endif
