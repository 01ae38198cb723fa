/*
 * indexes.h — a relation's indexes in its document.
 */
#ifndef RG_POSTGRESQL_INDEXES_H
#define RG_POSTGRESQL_INDEXES_H

#include "connectors/postgresql/chunk.h"

/*
 * Can the index be described from the catalogs alone? pg_get_indexdef() locks the table, so the server is
 * only asked about other indexes.
 */
extern bool
index_is_ordinary(const Chunk *chunk, const Relation *relation, int row, const Vocabulary *vocabulary);

/* Returns false if a text that only the server can write is missing, unless it is denied. */
extern bool write_indexes(WireBuffer *out, const Chunk *chunk, const Relation *relation,
						  const Vocabulary *vocabulary, const bool *denied);

#endif
