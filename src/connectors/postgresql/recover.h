/*
 * recover.h — when a batch failed: asking again, one by one, so that only what is concerned is missing.
 */
#ifndef RG_POSTGRESQL_RECOVER_H
#define RG_POSTGRESQL_RECOVER_H

#include "connectors/postgresql/chunk.h"

/*
 * The rows that a statement has for one object: the parameters are arrays, as text, with one element each.
 * NULL when there are none to be had; then *reason, which may be NULL, is why, and the caller's. Nothing may
 * be unanswered in the session.
 */
extern PGresult *recover_object(Discovery *discovery, Statement statement, const Parameter *parameters,
								int count, char **reason);

/* The rows that a statement has for these relations. The chunk's failures name those that it fails for. */
extern PGresult *
recover_rows(Discovery *discovery, Chunk *chunk, Statement statement, const ObjectId *relations, int count);

#endif
